import Support

/// A network: nodes in order, the last of which is its output, and what they have learnt.
public final class Network {
    public let nodes: [Node]
    /// Of each node's output, without the batch: [time, frequency, channels].
    public let shapes: [[Int]]
    /// By name, in the order of the nodes: `conv1.weight`, `norm1.bias` …
    public private(set) var parameters: [(name: String, value: Variable)] = []
    var weights: [String: Variable] = [:]
    public private(set) var statistics: [String: RunningStatistics] = [:]
    public private(set) var ranges: [String: ActivationRange] = [:]

    /// Weights drawn for rectifiers (He et al. 2015). Throws `Failure` where nodes don't fit each other.
    public init(_ nodes: [Node], seed: UInt64 = 1) throws(Failure) {
        self.nodes = nodes
        var shapes: [[Int]] = []
        for (i, node) in nodes.enumerated() {
            guard node.inputs.allSatisfy({ $0 >= 0 && $0 < i }), node.inputs.isEmpty == (i == 0), !nodes[..<i].contains(where: { $0.name == node.name })
            else { throw Failure(.data, "node \(node.name)", "takes what does not come before it, or has another's name", "correct the architecture") }
            shapes.append(try node.outputShape(node.inputs.map { shapes[$0] }))
        }
        self.shapes = shapes
        var random = RandomGenerator(seed: seed)
        for (i, node) in nodes.enumerated() where i > 0 { makeWeights(node, input: shapes[node.inputs[0]], &random) }
    }

    public var inputShape: [Int] { shapes[0] }
    public var classes: Int { shapes.last!.last! }
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }

    /// Multiplications of one inference.
    public var multiplications: Int {
        var total = 0
        for (node, shape) in zip(nodes, shapes) {
            let positions = shape.dropLast().reduce(1, *)
            switch node.layer {
            case .convolution, .dense: total += positions * weights["\(node.name).weight"]!.count
            case .depthwise(let window, _, _): total += positions * window.kernel[0] * window.kernel[1] * shape.last!
            case .attention: total += 2 * shape[0] * shape[0] * shape.last!
            default: break
            }
        }
        return total
    }

    public subscript(name: String) -> Variable? { weights[name] }

    private func add(_ name: String, _ value: Tensor) {
        let variable = Variable(value, needsGradient: true)
        parameters.append((name, variable))
        weights[name] = variable
    }

    private func makeWeights(_ node: Node, input: [Int], _ random: inout RandomGenerator) {
        let channels = input.last!
        func drawn(_ shape: [Int], fan: Int, gain: Float = 2) -> Tensor {
            let tensor = Tensor(shape)
            let deviation = (gain / Float(fan)).squareRoot()
            for i in 0..<tensor.count { tensor.base[i] = random.normal() * deviation }
            return tensor
        }
        func zeros(_ count: Int) -> Tensor { Tensor([count], repeating: 0) }
        switch node.layer {
        case .convolution(let filters, let window, let bias, _):
            let taps = window.kernel[0] * window.kernel[1]
            add("\(node.name).weight", drawn([filters] + window.kernel + [channels], fan: taps * channels))
            if bias { add("\(node.name).bias", zeros(filters)) }
        case .depthwise(let window, let bias, _):
            add("\(node.name).weight", drawn(window.kernel + [channels], fan: window.kernel[0] * window.kernel[1]))
            if bias { add("\(node.name).bias", zeros(channels)) }
        case .dense(let units, let bias, let activation):
            add("\(node.name).weight", drawn([units, channels], fan: channels, gain: activation == .linear ? 1 : 2))
            if bias { add("\(node.name).bias", zeros(units)) }
        case .batchNorm(let bands, _):
            add("\(node.name).weight", Tensor([bands * channels], repeating: 1))
            add("\(node.name).bias", zeros(bands * channels))
            statistics[node.name] = RunningStatistics(bands * channels)
        case .layerNorm:
            add("\(node.name).weight", Tensor([channels], repeating: 1))
            add("\(node.name).bias", zeros(channels))
        case .classToken:
            add("\(node.name).weight", drawn([channels], fan: 2500))
        case .positions:
            add("\(node.name).weight", drawn([1] + input, fan: 2500))
        case .fakeQuantise(let learnt):
            let range = ActivationRange(isLearnt: learnt)
            ranges[node.name] = range
            if learnt {
                parameters.append(("\(node.name).range", range.bounds))
                weights["\(node.name).range"] = range.bounds
            }
        default: break
        }
    }
}

extension Node {
    /// Shape of the output for inputs of these shapes.
    func outputShape(_ inputs: [[Int]]) throws(Failure) -> [Int] {
        func windowed(_ window: WindowShape, _ channels: Int) throws(Failure) -> [Int] {
            let shape = [window.output(inputs[0][0], axis: 0), window.output(inputs[0][1], axis: 1), channels]
            guard shape[0] > 0, shape[1] > 0 else { throw unfit(inputs) }
            return shape
        }
        switch layer {
        case .input(let shape):
            guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else { throw unfit([shape]) }
            return shape
        case .convolution(let filters, let window, _, _): return try windowed(window, filters)
        case .depthwise(let window, _, _), .averagePool(let window), .maxPool(let window): return try windowed(window, inputs[0][2])
        case .dense(let units, _, _): return inputs[0].dropLast() + [units]
        case .batchNorm(let bands, _):
            guard bands > 0, inputs[0][1] % bands == 0 else { throw unfit(inputs) }
            return inputs[0]
        case .mean(let time, let frequency): return [time ? 1 : inputs[0][0], frequency ? 1 : inputs[0][1], inputs[0][2]]
        case .add:
            guard inputs.count >= 2, inputs.dropFirst().allSatisfy({ zip($0, inputs[0]).allSatisfy { $0 == $1 || $0 == 1 } && $0[2] == inputs[0][2] })
            else { throw unfit(inputs) }
            return inputs[0]
        case .concatenate:
            guard inputs.allSatisfy({ $0.dropLast() == inputs[0].dropLast() }) else { throw unfit(inputs) }
            return inputs[0].dropLast() + [inputs.reduce(0) { $0 + $1.last! }]
        case .channels(let first, let count):
            guard first >= 0, count > 0, first + count <= inputs[0][2] else { throw unfit(inputs) }
            return inputs[0].dropLast() + [count]
        case .frames(let first, let count):
            guard first >= 0, count > 0, first + count <= inputs[0][0] else { throw unfit(inputs) }
            return [count] + inputs[0].dropFirst()
        case .reshape(let shape):
            guard shape.count == 3, shape.reduce(1, *) == inputs[0].reduce(1, *) else { throw unfit(inputs) }
            return shape
        case .attention(let heads):
            guard inputs[0][2] % 3 == 0, heads > 0, inputs[0][2] / 3 % heads == 0, inputs[0][1] == 1 else { throw unfit(inputs) }
            return [inputs[0][0], 1, inputs[0][2] / 3]
        case .classToken: return [inputs[0][0] + 1] + inputs[0].dropFirst()
        case .first: return [1, 1, inputs[0][2]]
        case .layerNorm, .activation, .dropout, .positions, .fakeQuantise: return inputs[0]
        }
    }

    private func unfit(_ inputs: [[Int]]) -> Failure {
        Failure(.data, "node \(name)", "does not fit what comes in: \("\(inputs)")", "correct the architecture")
    }
}
