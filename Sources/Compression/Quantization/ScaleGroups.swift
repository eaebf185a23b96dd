import ModelFormat

/// Which activations must have one scale, because an operator only moves or compares their bytes.
struct ScaleGroups {
    private var parent: [Int]
    /// By root: what the group's quantisation is bound to be.
    private var bound: [Int: Graph.Quantization] = [:]
    /// By root: whether an operator's arithmetic binds it, rather than the user.
    private var isHard: Set<Int> = []
    private var ranges: [Int: Range] = [:]
    /// Operands that must be requantised first: they couldn't join their operator's group.
    private(set) var apart: [(op: Int, input: Int)] = []

    func root(_ t: Int) -> Int {
        var t = t
        while parent[t] != t { t = parent[t] }
        return t
    }

    /// `given`: quantisations that tensors are to have; `range`: what each activation takes, nil for what is none.
    init(_ graph: Graph, given: [Int: Graph.Quantization], range: (Int) -> Range?) {
        parent = Array(graph.tensors.indices)
        for t in graph.tensors.indices { ranges[t] = range(t) }
        for op in graph.operators {
            if let q = op.code.boundOutput {
                bound[op.outputs[0]] = q
                isHard.insert(op.outputs[0])
            }
        }
        for (t, q) in given where bound[t] == nil { bound[t] = q }

        // What only moves bytes first: those have no choice.
        for op in graph.operators {
            switch op.code {
            case .maxPool2D, .averagePool2D, .reshape, .squeeze, .expandDims, .pad, .transpose, .stridedSlice, .slice, .gather:
                join(op.inputs[0], op.outputs[0])
            case .split: for t in op.outputs { join(op.inputs[1], t) }
            case .splitV, .unpack: for t in op.outputs { join(op.inputs[0], t) }
            default: break
            }
        }
        var states: [[UInt8]: Int] = [:]
        var names: [Int: [UInt8]] = [:]
        for op in graph.operators {
            switch op.code {
            case .varHandle:
                if case .text(let name)? = op.options["shared_name"] { names[op.outputs[0]] = name }
            case .readVariable:
                guard let name = names[op.inputs[0]] else { break }
                if let first = states[name] { join(first, op.outputs[0]) } else { states[name] = op.outputs[0] }
            default: break
            }
        }
        // Then what puts together.
        for (i, op) in graph.operators.enumerated() {
            switch op.code {
            case .concatenation, .pack, .minimum, .maximum:
                for (k, t) in op.inputs.enumerated() where graph.tensors[t].data == nil { tryJoin(t, op.outputs[0], i, k) }
            case .assignVariable:
                guard let name = names[op.inputs[0]] else { break }
                if let state = states[name] { tryJoin(op.inputs[1], state, i, 1) } else { states[name] = op.inputs[1] }
            default: break
            }
        }
        self.states = states
    }

    /// A tensor of the group of each variable.
    private(set) var states: [[UInt8]: Int] = [:]

    private mutating func join(_ a: Int, _ b: Int) {
        let a = root(a), b = root(b)
        guard a != b else { return }
        parent[b] = a
        if bound[a] == nil || (isHard.contains(b) && !isHard.contains(a)) { bound[a] = bound[b] ?? bound[a] }
        if isHard.contains(b) { isHard.insert(a) }
        ranges[a] = ranges[a].map { r in ranges[b].map(r.union) ?? r } ?? ranges[b]
    }

    private mutating func tryJoin(_ operand: Int, _ result: Int, _ op: Int, _ input: Int) {
        let a = root(operand), b = root(result)
        guard a != b else { return }
        if fits(a, b) && fits(b, a) { join(a, b) } else { apart.append((op, input)) }
    }

    /// Whether group b can live with what binds group a.
    private func fits(_ a: Int, _ b: Int) -> Bool {
        guard let q = bound[a] else { return true }
        if let other = bound[b] { return other == q }
        guard let range = ranges[b] else { return true }
        let holds = q.int8Range, slack = (holds.max - holds.min) / 20
        // Not much is lost at the ends, nor are most steps wasted.
        return range.min >= holds.min - slack && range.max <= holds.max + slack && range.max - range.min > (holds.max - holds.min) / 4
    }

    /// The quantisation of an activation; nil if nothing is known of its values.
    func quantization(_ t: Int) -> Graph.Quantization? {
        let root = root(t)
        return bound[root] ?? ranges[root].map { Graph.Quantization(int8: $0) }
    }
}

extension Graph.Code {
    /// The quantisation that TFLite demands of an output.
    var boundOutput: Graph.Quantization? {
        switch self {
        case .softmax, .logistic: Graph.Quantization(scale: 1 / 256, zeroPoint: -128)
        case .tanh: Graph.Quantization(scale: 1 / 128, zeroPoint: 0)
        default: nil
        }
    }
}
