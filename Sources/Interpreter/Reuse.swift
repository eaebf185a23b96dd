import ModelFormat

/// What one inference leaves for the next where a model looks through a window that moves on by some rows of its input.
///
/// Most of what such a model computes it has computed before, some rows further down: a convolution over time makes the same of
/// the same frames. New are the rows that have seen the window's last rows (`tail`), and those that have seen the padding before
/// its first (`head`). So an operator whose rows come of few rows moves its last output up and computes both ends alone; what
/// joins all rows, as a mean over time does, is computed anew. No value changes by it.
struct Reuse {
    /// A tensor [1, …, count, …], of which all rows but `head` and `tail` are the last inference's, `shift` rows further down.
    final class Rows {
        let count: Int, bytes: Int, shift: Int, head: Int, tail: Int
        /// Whether somebody reads rows that are not new: the tensor needs memory of its own then, and is moved up.
        var isKept = false

        /// nil where too little is left to be worth a second call.
        init?(of tensor: Tensor, shift: Int, head: Int, tail: Int) {
            count = tensor.rows
            guard tensor.rowAxis != nil, count > 0, head + tail <= count * 7 / 8 else { return nil }
            bytes = tensor.byteCount / count
            self.shift = shift
            self.head = head
            self.tail = tail
        }

        /// The new rows at the beginning (0) and at the end (1).
        func end(_ i: Int) -> Range<Int> { i == 0 ? 0..<head : count - tail..<count }
    }

    /// By tensor; nil for what is computed anew.
    private(set) var rows: [Rows?]
    /// By operator: the window through which it sees its input, where it computes the ends of its output alone.
    private(set) var windows: [Layout.RowWindow?]

    /// `hop`: rows of its input by which the window moves on; 0: unknown.
    init(_ graph: Subgraph, _ nodes: [Node], _ layouts: [Layout], hop: Int) {
        rows = [Rows?](repeating: nil, count: graph.tensors.count)
        windows = [Layout.RowWindow?](repeating: nil, count: nodes.count)
        guard hop > 0, graph.inputs.count == 1 else { return }
        let input = graph.inputs[0]
        rows[input] = Rows(of: graph.tensors[input], shift: hop, head: 0, tail: hop)
        for node in nodes where node.op.outputs.count == 1 {
            let layout = layouts[node.index]
            if let view = layout.views.first { follow(node, view) } else if let window = layout.rowWindow { follow(node, window) }
        }
        // What is needed is known of an operator's output before its inputs.
        for t in graph.outputs where t != input { rows[t]?.isKept = true }
        for node in nodes.reversed() {
            for t in node.op.inputs where t >= 0 && t != input {
                if let rows = rows[t], readsBeyondEnds(node, of: rows) { rows.isKept = true }
            }
        }
    }

    private mutating func follow(_ node: Node, _ view: Layout.View) {
        let output = node.graph.tensors[node.op.outputs[0]]
        guard let old = rows[node.op.inputs[view.input]], old.bytes > 0, view.byteOffset % old.bytes == 0,
            output.rows * old.bytes == output.byteCount
        else { return }
        let before = view.byteOffset / old.bytes, after = old.count - before - output.rows
        rows[node.op.outputs[0]] = Rows(of: output, shift: old.shift, head: max(old.head - before, 0), tail: max(old.tail - after, 0))
    }

    private mutating func follow(_ node: Node, _ window: Layout.RowWindow) {
        let output = node.graph.tensors[node.op.outputs[0]]
        var head = 0, tail = 0, shift = 0
        for t in node.op.inputs where t >= 0 && node.constants[t] == nil {
            // The last row whose window ends before the new rows begin.
            guard let old = rows[t], old.shift % window.stride == 0, shift == 0 || shift == old.shift / window.stride else { return }
            let last = old.count - old.tail - window.reach + window.padding
            guard last >= 0 else { return }
            shift = old.shift / window.stride
            head = max(head, (old.head + window.padding + window.stride - 1) / window.stride)
            tail = max(tail, output.rows - 1 - last / window.stride)
        }
        guard shift > 0, let new = Rows(of: output, shift: shift, head: head, tail: tail) else { return }
        rows[node.op.outputs[0]] = new
        windows[node.index] = window
    }

    private func readsBeyondEnds(_ node: Node, of old: Rows) -> Bool {
        guard let output = node.op.outputs.first, let new = rows[output] else { return true }
        guard let window = windows[node.index] else { return new.isKept }
        for i in 0..<2 where !new.end(i).isEmpty {
            let needed = window.rows(for: new.end(i), of: old.count)
            if needed.upperBound > old.head && needed.lowerBound < old.count - old.tail { return true }
        }
        return false
    }

    /// `node` for the new rows at one end (0, 1) of its output; nil where there are none, or all are computed. `addresses` of tensors, if
    /// there are any yet, become those of its first rows.
    func part(_ i: Int, of node: Node, _ addresses: inout [UnsafeMutableRawPointer?]) -> Node? {
        guard let window = windows[node.index], let output = node.op.outputs.first, let new = rows[output], !new.end(i).isEmpty else { return nil }
        let end = new.end(i)
        var tensors = node.graph.tensors
        for t in [output] + node.op.inputs {
            guard t >= 0, let all = rows[t] else { continue }
            let part = t == output ? end : window.rows(for: end, of: all.count)
            // An input that is given twice is cut once.
            guard tensors[t].byteCount == all.bytes * all.count else { continue }
            var shape = tensors[t].shape
            shape[tensors[t].rowAxis!] = part.count
            tensors[t] = Tensor(tensors[t], shape: shape)
            if t < addresses.count { addresses[t]! += part.lowerBound * all.bytes }
        }
        return Node(
            index: node.index, op: node.op, graph: node.graph.with(tensors), constants: node.constants,
            window: Window(output: end.count, padding: max(window.padding - end.lowerBound * window.stride, 0)))
    }
}
