import ModelFormat
import Support

/// Which tensors share memory, and when each piece of memory is needed.
///
/// Every tensor starts with memory of its own. Then operators' wishes are granted where that changes no
/// value: an output that is part of an input (reshape, split, slice) stands where the input stands; an
/// input of a concatenation is computed in its place; a variable that is read once and assigned later
/// is read where it stands, and if a concatenation appends to it, it stands in front of what is
/// appended; an element-wise operator writes over an input that nobody reads after it.
struct Storage {
    /// Positions: tensors of the graph first, then variables.
    private(set) var parent: [Int]
    private(set) var offset: [Int]
    private(set) var size: [Int]
    /// The node that writes it (−1: before the first) and the last that reads it.
    private(set) var first: [Int]
    private(set) var last: [Int]
    private(set) var isConstant: [Bool]
    private(set) var isPersistent: [Bool]
    /// Bytes from one pixel to the next, of tensors that are channel slices of others; 0 for dense ones.
    /// The size of a slice reaches from its first byte to its last, others' bytes between them included.
    private(set) var pixelStride: [Int]

    /// For each node that assigns a variable: the node after which the value is copied.
    private(set) var assignedAfter: [Int]

    /// The node after which a value is last copied to a variable; −1 for none. Unlike the nodes that `last`
    /// names, the copy comes when that node has written its outputs.
    private var copiedAfter: [Int]

    private let tensors: Int

    struct Region {
        var root: Int
        var offset: Int
    }

    /// The memory that `position` stands in, and where in it.
    func region(_ position: Int) -> Region {
        var region = Region(root: position, offset: 0)
        while parent[region.root] >= 0 {
            region.offset += offset[region.root]
            region.root = parent[region.root]
        }
        return region
    }

    /// Lets every position point at the memory that it stands in, without steps between.
    private mutating func flatten() {
        for position in 0..<parent.count where parent[position] >= 0 {
            let region = region(position)
            parent[position] = region.root
            offset[position] = region.offset
        }
    }

    /// Every position that shares bytes with `position`.
    private func overlapping(_ position: Int) -> [Int] {
        let mine = region(position)
        var result: [Int] = []
        for other in 0..<parent.count where !isConstant[other] {
            let theirs = region(other)
            if theirs.root == mine.root && theirs.offset < mine.offset + size[position]
                && mine.offset < theirs.offset + size[other]
            {
                result.append(other)
            }
        }
        return result
    }

    init(
        _ graph: Subgraph, _ nodes: [Node], _ layouts: [Layout], _ variables: VariableUses, reuse: Reuse, constants: Constants, sharing: Bool
    ) {
        let end = nodes.count
        tensors = graph.tensors.count
        let positions = tensors + variables.bytes.count
        parent = [Int](repeating: -1, count: positions)
        offset = [Int](repeating: 0, count: positions)
        size = [Int](repeating: 0, count: positions)
        first = [Int](repeating: Int.max, count: positions)
        last = [Int](repeating: -1, count: positions)
        isConstant = [Bool](repeating: false, count: positions)
        isPersistent = [Bool](repeating: false, count: positions)
        pixelStride = [Int](repeating: 0, count: positions)
        assignedAfter = [Int](repeating: -1, count: end)
        copiedAfter = [Int](repeating: -1, count: positions)

        for t in 0..<tensors {
            size[t] = graph.tensors[t].byteCount
            isConstant[t] = constants[t] != nil || graph.tensors[t].type == .resource
            isPersistent[t] = reuse.rows[t]?.isKept ?? false
        }
        for v in 0..<variables.bytes.count {
            size[tensors + v] = variables.bytes[v]
            first[tensors + v] = -1
            last[tensors + v] = end
            isPersistent[tensors + v] = true
        }
        findLifetimes(graph, nodes)

        for v in 0..<variables.bytes.count where variables.readsInPlace[v] {
            parent[variables.readTensor[v]] = tensors + v
        }
        if sharing { grantChannelSlices(graph, nodes, layouts) }
        if sharing { for (node, layout) in zip(nodes, layouts) { grantViews(node, layout) } }
        if sharing { for (node, layout) in zip(nodes, layouts) { grantPlacements(node, layout) } }
        flatten()
        for node in nodes where variables.assigned[node.index] >= 0 { deferAssignment(node, variables) }
        if sharing { for (node, layout) in zip(nodes, layouts) { grantInPlace(node, layout) } }
    }

    /// That each is written once, and before it is read, `GraphPlan` has checked.
    private mutating func findLifetimes(_ graph: Subgraph, _ nodes: [Node]) {
        for t in graph.inputs { first[t] = -1 }
        for node in nodes {
            for t in node.op.inputs where t >= 0 && !isConstant[t] { last[t] = node.index }
            for t in node.op.outputs where !isConstant[t] {
                first[t] = node.index
                last[t] = max(last[t], node.index)
            }
        }
        for t in graph.outputs where !isConstant[t] { last[t] = nodes.count }
    }

    /// A channel slice is read where it stands if it is only read by operators that take it so, or by
    /// those that cut whole pixels out of it for such operators.
    private mutating func grantChannelSlices(_ graph: Subgraph, _ nodes: [Node], _ layouts: [Layout]) {
        guard layouts.contains(where: { !$0.channelSlices.isEmpty }) else { return }
        let readers = Readers(graph, nodes, layouts)
        for (node, layout) in zip(nodes, layouts) {
            for slice in layout.channelSlices {
                let input = node.op.inputs[slice.input], output = node.op.outputs[slice.output]
                guard !isConstant[input], !isConstant[output], parent[output] < 0, pixelStride[input] == 0,
                    !readers.of[output].isEmpty, !readers.isOutput[output]
                else { continue }
                var isTaken = true
                var cuts: [(output: Int, byteOffset: Int)] = []
                for reader in readers.of[output] where !(reader.takesSlices && slice.fits(graph.tensors[output])) {
                    let wishes = layouts[reader.node]
                    guard reader.position == 0, let cut = wishes.views.first, wishes.views.count == 1, cut.input == 0, cut.output == 0,
                        let part = nodes[reader.node].op.outputs.first, !isConstant[part], parent[part] < 0,
                        cut.byteOffset % slice.pixelBytes == 0, size[part] % slice.pixelBytes == 0,
                        slice.fits(graph.tensors[part]), !readers.isOutput[part], readers.of[part].allSatisfy({ $0.takesSlices })
                    else {
                        isTaken = false
                        break
                    }
                    cuts.append((part, cut.byteOffset))
                }
                guard isTaken else { continue }
                place(output, in: input, at: slice.byteOffset, slice)
                for cut in cuts { place(cut.output, in: output, at: cut.byteOffset / slice.pixelBytes * slice.pixelStride, slice) }
            }
        }
    }

    /// Who reads each tensor, found once: a graph may have thousands of slices.
    private struct Readers {
        var of: [[(node: Int, position: Int, takesSlices: Bool)]]
        var isOutput: [Bool]

        init(_ graph: Subgraph, _ nodes: [Node], _ layouts: [Layout]) {
            of = [[(node: Int, position: Int, takesSlices: Bool)]](repeating: [], count: graph.tensors.count)
            isOutput = [Bool](repeating: false, count: graph.tensors.count)
            for t in graph.outputs { isOutput[t] = true }
            for node in nodes {
                for (k, t) in node.op.inputs.enumerated() where t >= 0 {
                    of[t].append((node.index, k, k == 0 && layouts[node.index].takesChannelSlices))
                }
            }
        }
    }

    private mutating func place(_ tensor: Int, in source: Int, at byteOffset: Int, _ slice: Layout.ChannelSlice) {
        let pixels = size[tensor] / slice.pixelBytes
        parent[tensor] = source
        offset[tensor] = byteOffset
        pixelStride[tensor] = slice.pixelStride
        size[tensor] = pixels == 0 ? 0 : (pixels - 1) * slice.pixelStride + slice.pixelBytes
    }

    private mutating func grantViews(_ node: Node, _ layout: Layout) {
        for view in layout.views {
            let output = node.op.outputs[view.output]
            let input = node.op.inputs[view.input]
            guard !isConstant[input], !isConstant[output], parent[output] < 0, region(input).root != output else { continue }
            parent[output] = input
            offset[output] = view.byteOffset
        }
    }

    private mutating func grantPlacements(_ node: Node, _ layout: Layout) {
        guard let output = node.op.outputs.first, !isConstant[output] else { return }
        for placement in layout.placements {
            let input = node.op.inputs[placement.input]
            guard !isConstant[input] else { continue }
            let from = region(input)
            // Only whole pieces of memory move, and never into themselves.
            guard from.offset == 0, size[from.root] == size[input], from.root != region(output).root,
                last[from.root] < Int.max
            else { continue }
            parent[from.root] = output
            offset[from.root] = placement.byteOffset
            if isPersistent[from.root] { isPersistent[region(output).root] = true }
        }
    }

    /// A variable that is read where it stands changes only after the last look at its bytes.
    private mutating func deferAssignment(_ node: Node, _ variables: VariableUses) {
        let v = variables.assigned[node.index]
        var after = node.index
        if variables.readsInPlace[v] {
            for other in overlapping(tensors + v) where other < tensors { after = max(after, last[other]) }
        }
        assignedAfter[node.index] = after
        let value = node.op.inputs[1]
        if !isConstant[value] {
            last[value] = max(last[value], after)
            copiedAfter[value] = max(copiedAfter[value], after)
        }
    }

    private mutating func grantInPlace(_ node: Node, _ layout: Layout) {
        guard let i = layout.inPlace else { return }
        let input = node.op.inputs[i]
        let output = node.op.outputs[0]
        guard !isConstant[input], !isConstant[output], parent[output] < 0, size[input] == size[output],
            !isPersistent[region(input).root], !isPersistent[output], region(output).root != region(input).root
        else { return }
        let mine = region(input)
        let others = overlapping(input)
        for other in others where last[other] > node.index || copiedAfter[other] >= node.index { return }
        // Another operand may be a part of this one, whose elements are read after the first are written.
        for k in 0..<node.op.inputs.count where k != i && others.contains(node.op.inputs[k]) {
            let t = node.op.inputs[k]
            guard region(t).offset == mine.offset, size[t] == size[input] else { return }
        }
        parent[output] = mine.root
        offset[output] = mine.offset
    }

    /// Whether the variable's bytes are looked at after the last node: then it must not be read in place,
    /// as it must if another variable is assigned from those bytes.
    func isUnsafe(_ v: Int, _ nodes: [Node], _ variables: VariableUses) -> Bool {
        guard variables.readsInPlace[v], variables.isAssigned[v] else { return false }
        let others = overlapping(tensors + v)
        for other in others where other < tensors && last[other] >= nodes.count { return true }
        for node in nodes where variables.assigned[node.index] >= 0 && variables.assigned[node.index] != v {
            if others.contains(node.op.inputs[1]) { return true }
        }
        return false
    }

    /// The buffers that the arena needs: one for every root, `roots` telling whose. Without `variables`,
    /// theirs are left out: those of a graph that initialises them stand in the main graph's arena.
    func buffers(nodes: Int, variables: Bool) -> (buffers: [MemoryPlanner.Buffer], roots: [Int]) {
        var begin = [Int](repeating: Int.max, count: parent.count)
        var finish = [Int](repeating: -1, count: parent.count)
        for position in 0..<parent.count where !isConstant[position] && first[position] != Int.max {
            let root = region(position).root
            begin[root] = min(begin[root], first[position])
            finish[root] = max(finish[root], last[position])
        }
        var buffers: [MemoryPlanner.Buffer] = []
        var roots: [Int] = []
        for root in 0..<(variables ? parent.count : tensors) where parent[root] < 0 && begin[root] != Int.max {
            let always = isPersistent[root]
            buffers.append(
                MemoryPlanner.Buffer(
                    size: size[root], first: always ? -1 : begin[root], last: always ? nodes : max(finish[root], begin[root])))
            roots.append(root)
        }
        return (buffers, roots)
    }
}
