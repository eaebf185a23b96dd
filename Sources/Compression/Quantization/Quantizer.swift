import ModelFormat
import Support

/// Turns a float graph into integers.
public struct Quantizer: Sendable {
    public enum Mode: String, Sendable, CaseIterable {
        /// Weights, activations, input and output.
        case int8
        /// Weights only; activations stay float32.
        case hybrid
        /// Nothing.
        case float
    }

    /// How a tensor is stored: what `quantized` decides for each.
    enum Scheme {
        case keep
        case activation(Graph.Quantization)
        case weights(axis: Int?)
        case bias
    }

    public var mode = Mode.int8
    /// One scale for all weights of a FULLY_CONNECTED, for runtimes from before it could have more.
    public var perTensorFullyConnected = false
    /// What an input's quantisation is to be, by its name: a front-end's own.
    public var given: [String: Graph.Quantization] = [:]
    /// Weights of fewer elements stay float in `hybrid`: they cost little, and precision much.
    public var leastHybridWeights = 1024

    public init(_ mode: Mode = .int8) { self.mode = mode }

    /// The front-end of microWakeWord: its features as they come (26/256, −128).
    public static let microFrontend = Graph.Quantization(scale: 0.1015625, zeroPoint: -128)

    /// `graph` as `mode` says; it must be prepared (`Graph.prepared`). `ranges`: the reals of every activation by its
    /// tensor's name, from `Calibration` or from training.
    /// Throws `Failure` for operators that have no integer form, by name, and for activations without a range.
    public func quantized(_ graph: Graph, ranges: [String: Range] = [:]) throws(Failure) -> Graph {
        switch mode {
        case .float: return graph
        case .hybrid: return try hybrid(graph)
        case .int8: return try int8(graph, ranges)
        }
    }

    // MARK: hybrid

    private func hybrid(_ graph: Graph) throws(Failure) -> Graph {
        var result = graph
        for (i, op) in graph.operators.enumerated() {
            guard let layer = WeightedLayer(graph, op), layer.weights.count >= leastHybridWeights else { continue }
            let w = WeightQuantization.int8(layer.weights, axis: axis(layer))
            result.operators[i].inputs[1] = result.append(w)
            result.operators[i].version = 1
        }
        return result.compacted()
    }

    private func axis(_ layer: WeightedLayer) -> Int? { layer.code == .fullyConnected && perTensorFullyConnected ? nil : layer.channelAxis }

    // MARK: int8

    /// Operators that have an integer form in our runtime and in LiteRT.
    static let integerOperators: [Graph.Code] = [
        .add, .averagePool2D, .concatenation, .conv2D, .depthwiseConv2D, .expandDims, .fullyConnected, .gather, .hardSwish, .leakyRelu,
        .logistic, .maxPool2D, .maximum, .mean, .minimum, .mul, .pack, .pad, .relu, .relu6, .reshape, .slice, .softmax, .split, .splitV,
        .squeeze, .stridedSlice, .sub, .tanh, .transpose, .unpack, .callOnce, .varHandle, .readVariable, .assignVariable,
    ]

    private func int8(_ graph: Graph, _ ranges: [String: Range]) throws(Failure) -> Graph {
        try checkOperators(graph)
        var bound: [Int: Graph.Quantization] = [:]
        for t in graph.tensors.indices { if let q = given[graph.tensors[t].name] { bound[t] = q } }
        let groups = ScaleGroups(graph, given: bound) { t in
            graph.tensors[t].data == nil && graph.tensors[t].type == .float32 ? ranges[graph.tensors[t].name] : nil
        }

        var result = graph
        for t in graph.inputs + graph.operators.flatMap(\.outputs) where graph.tensors[t].type == .float32 {
            guard let q = groups.quantization(t) else {
                throw Failure(.data, "tensor \(graph.tensors[t].name)", "its range is not known", "give calibration data, or a range for it")
            }
            result.tensors[t].type = .int8
            result.tensors[t].quantization = q
        }
        // Requantised operands go in front of their operators, the last first so that numbers hold.
        var before: [Int: [Graph.Operator]] = [:]
        for (i, op) in graph.operators.enumerated() {
            result.operators[i].version = 1
            for (k, t) in op.inputs.enumerated() where t >= 0 && graph.tensors[t].type == .float32 {
                switch scheme(graph, op, k, groups) {
                case .keep: break
                case .activation(let q): result.operators[i].inputs[k] = result.append(Self.constant(graph.tensors[t], q))
                case .weights: try quantizeLayer(&result, graph, i)
                case .bias: break
                }
            }
        }
        for (i, k) in groups.apart {
            let t = graph.operators[i].inputs[k]
            let op = graph.operators[i]
            let target = op.code == .assignVariable ? groups.state(op, graph) ?? t : op.outputs[0]
            var copy = result.tensors[t]
            copy.name += "/requantized\(i)"
            copy.quantization = groups.quantization(target)
            let y = result.append(copy)
            before[i, default: []].append(Graph.Operator(.quantize, [t], [y]))
            result.operators[i].inputs[k] = y
        }
        result.operators = result.operators.enumerated().flatMap { (before[$0] ?? []) + [$1] }
        for c in result.called.indices { try Self.initialise(&result.called[c], groups) }
        return result.compacted()
    }

    private func scheme(_ graph: Graph, _ op: Graph.Operator, _ k: Int, _ groups: ScaleGroups) -> Scheme {
        let tensor = graph.tensors[op.inputs[k]]
        guard tensor.data != nil else { return .keep }
        if let layer = WeightedLayer(graph, op) { return k == 1 ? .weights(axis: axis(layer)) : k == 2 ? .bias : .keep }
        switch op.code {
        case .concatenation, .pack, .minimum, .maximum:
            return groups.quantization(op.outputs[0]).map(Scheme.activation) ?? .keep
        default:
            let values = tensor.values(as: Float.self)
            return .activation(Graph.Quantization(int8: Range(values.min() ?? 0, values.max() ?? 0)))
        }
    }

    static func constant(_ tensor: Graph.Tensor, _ q: Graph.Quantization) -> Graph.Tensor {
        Graph.Tensor(tensor.name, tensor.shape, .int8, data: Graph.bytes(tensor.values(as: Float.self).map(q.int8)), quantization: q)
    }

    private func quantizeLayer(_ result: inout Graph, _ graph: Graph, _ i: Int) throws(Failure) {
        let op = graph.operators[i]
        guard let layer = WeightedLayer(graph, op), let input = result.tensors[op.inputs[0]].quantization else { return }
        let bias = layer.bias?.values(as: Float.self) ?? []
        let least = bias.map { abs($0) / (input.scales[0] * 0x1p30) }
        let weights = WeightQuantization.int8(layer.weights, axis: axis(layer), least: least)
        result.operators[i].inputs[1] = result.append(weights)
        guard let tensor = layer.bias, let q = weights.quantization else { return }
        let scales = q.scales.map { $0 * input.scales[0] }
        let integers = bias.enumerated().map { c, b in Int32((b / scales[scales.count > 1 ? c : 0]).rounded(.toNearestOrEven)) }
        result.operators[i].inputs[2] = result.append(
            Graph.Tensor(
                tensor.name, tensor.shape, .int32, data: Graph.bytes(integers),
                quantization: Graph.Quantization(scales: scales, zeroPoints: [Int](repeating: 0, count: scales.count))))
    }

    /// Initial values of variables get the variables' scales.
    private static func initialise(_ graph: inout Graph, _ groups: ScaleGroups) throws(Failure) {
        let original = graph
        for (i, op) in original.operators.enumerated() {
            switch op.code {
            case .varHandle: break
            case .assignVariable:
                let value = original.tensors[op.inputs[1]]
                guard value.type == .float32, let q = groups.state(op, original) else { break }
                guard value.data != nil else {
                    throw Failure(.data, "variable of \(value.name)", "its initial value is computed", "initialise variables by constants")
                }
                graph.operators[i].inputs[1] = graph.append(constant(value, groups.quantization(q) ?? Graph.Quantization(int8: Range(0, 0))))
            default:
                throw Failure(.data, "\(op.code.name) in graph \(graph.name)", "is not supported there", "initialise variables by constants")
            }
        }
        graph = graph.compacted()
    }

    private func checkOperators(_ graph: Graph) throws(Failure) {
        for (i, op) in graph.operators.enumerated() {
            let touchesReals = (op.inputs + op.outputs).contains { $0 >= 0 && graph.tensors[$0].type == .float32 }
            guard touchesReals, !Self.integerOperators.contains(op.code) else { continue }
            throw Failure(
                .data, "operator \(i) (\(op.code.name))", "has no int8 form",
                "quantise hybrid, or use only \(Self.integerOperators.map(\.name).joined(separator: " "))")
        }
        for (i, op) in graph.operators.enumerated() where WeightedLayer.codes.contains(op.code) {
            guard WeightedLayer(graph, op) != nil else {
                throw Failure(.data, "operator \(i) (\(op.code.name))", "its weights are not constant floats", "give a float model with constant weights")
            }
        }
    }
}

extension ScaleGroups {
    /// A tensor of the group of the variable that `op` reads or assigns.
    func state(_ op: Graph.Operator, _ graph: Graph) -> Int? {
        for handle in graph.operators where handle.code == .varHandle && handle.outputs[0] == op.inputs[0] {
            if case .text(let name)? = handle.options["shared_name"] { return states[name] }
        }
        return nil
    }
}
