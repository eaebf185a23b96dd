import Support
import Training

extension Network {
    /// The network as TFLite has it: float, for one example, folded first, with SOFTMAX behind. Ranges that quantisation-aware
    /// training has found come along by tensor name, for `Quantizer`.
    ///
    /// With `streaming`, the model takes the few frames of one step and keeps what it needs of those before in variables: its scores
    /// are those of the newest window, as soon as a whole one has been heard. Throws `Failure` where a layer needs what is still to
    /// come, or all of the window at once.
    public func graph(named name: String = "katydid", streaming: Bool = false) throws(Failure) -> (graph: Graph, ranges: [String: Range]) {
        let network = try folded()
        var emitter = Emitter(network)
        if streaming { emitter.strides = try network.timeStrides() }
        emitter.graph.name = name
        for i in network.nodes.indices { try emitter.emit(i) }
        let logits = emitter.tensors.last!
        let flat = emitter.graph.tensors[logits].shape == [1, network.classes] ? logits : emitter.graph.reshape(logits, [1, network.classes], name: "logits")
        emitter.graph.output(emitter.graph.softmax(flat, name: "scores"))
        return (emitter.graph, emitter.ranges)
    }
}

extension Network {
    /// Whether a node's output speaks of the window as a whole: it lies behind a mean over time.
    fileprivate func isWhole(_ i: Int) -> Bool {
        if case .mean(true, _) = nodes[i].layer { return true }
        return !nodes[i].inputs.isEmpty && nodes[i].inputs.allSatisfy(isWhole)
    }

    /// Input frames from one frame of each node to the next.
    fileprivate func timeStrides() throws(Failure) -> [Int] {
        var strides: [Int] = []
        for (i, node) in nodes.enumerated() {
            func impossible(_ why: Message) -> Failure {
                Failure(.data, "node \(node.name)", why, "train a mixednet, whose windows are VALID, or export it without --streaming")
            }
            let before = node.inputs.first.map { strides[$0] } ?? 1
            guard node.inputs.allSatisfy({ strides[$0] == before }) else { throw impossible("joins frames of different steps") }
            switch node.layer {
            case .convolution(_, let window, _, _), .depthwise(let window, _, _), .averagePool(let window), .maxPool(let window):
                let reach = (window.kernel[0] - 1) * window.dilation[0] + 1
                guard isWhole(i) || window.padding == .valid || (reach == 1 && window.stride[0] == 1) else { throw impossible("needs frames that are still to come") }
                guard reach >= window.stride[0] else { throw impossible("leaves frames out") }
                strides.append(isWhole(i) ? before : before * window.stride[0])
            case .reshape(let shape):
                guard shape[0] == shapes[node.inputs[0]][0] || isWhole(i) else { throw impossible("changes what a frame is") }
                strides.append(before)
            case .attention, .classToken, .positions, .first: throw impossible("needs the whole window at once")
            default: strides.append(before)
            }
        }
        return strides
    }
}

/// Writes a folded network's nodes as operators.
private struct Emitter {
    let network: Network
    var graph = Graph()
    var ranges: [String: Range] = [:]
    /// Of each node's output.
    var tensors: [Int] = []
    /// For streaming: input frames from one of a node's frames to the next.
    var strides: [Int]?

    /// Input frames of one step: every node then makes at least one.
    private var step: Int { strides?.max() ?? 0 }

    /// Frames that a node makes: of the whole window, or of a step.
    private func frames(_ i: Int) -> Int {
        guard let strides else { return network.shapes[i][0] }
        return network.isWhole(i) ? 1 : step / strides[i]
    }

    /// `x`, the output of node `i`, with the `length` frames that went before.
    private mutating func remembering(_ x: Int, _ length: Int, _ node: Node) -> Int {
        strides == nil ? x : graph.history(x, length: length, axis: 1, name: "\(node.name)/past")
    }

    init(_ network: Network) { self.network = network }

    mutating func emit(_ i: Int) throws(Failure) {
        let node = network.nodes[i], shape = [frames(i)] + network.shapes[i].dropFirst(), name = node.name
        var inputs = node.inputs.map { tensors[$0] }
        func values(_ kind: String) -> [Float]? { network["\(name).\(kind)"]?.value.array }
        var y: Int
        // What a window reaches back to, beyond the frames of this step.
        switch node.layer {
        case .convolution(_, let window, _, _), .depthwise(let window, _, _), .averagePool(let window), .maxPool(let window):
            inputs[0] = remembering(inputs[0], (window.kernel[0] - 1) * window.dilation[0] + 1 - window.stride[0], node)
        case .mean(true, _): inputs[0] = remembering(inputs[0], network.shapes[node.inputs[0]][0] - frames(node.inputs[0]), node)
        default: break
        }
        switch node.layer {
        case .input: y = graph.input("features", [1] + shape)
        case .convolution(let filters, let window, _, let activation):
            y = graph.conv2D(
                inputs[0], weights: values("weight")!, shape: [filters] + window.kernel + [channels(node)], bias: values("bias"),
                stride: pair(window.stride), dilation: pair(window.dilation), padding: padding(window), activation: fused(activation), name: name)
            y = follow(y, activation, name)
        case .depthwise(let window, _, let activation):
            y = graph.depthwiseConv2D(
                inputs[0], weights: values("weight")!, shape: [1] + window.kernel + [shape[2]], bias: values("bias"),
                stride: pair(window.stride), dilation: pair(window.dilation), padding: padding(window), activation: fused(activation), name: name)
            y = follow(y, activation, name)
        case .dense(let units, _, let activation):
            // One position: FULLY_CONNECTED. More: a convolution of one tap, which stays an image.
            if i == network.nodes.lastIndex(where: { if case .dense = $0.layer { true } else { false } }), shape.dropLast().reduce(1, *) == 1 {
                y = graph.fullyConnected(inputs[0], weights: values("weight")!, outputs: units, bias: values("bias"), activation: fused(activation), name: name)
            } else {
                y = graph.conv2D(
                    inputs[0], weights: values("weight")!, shape: [units, 1, 1, channels(node)], bias: values("bias"), activation: fused(activation), name: name)
            }
            y = follow(y, activation, name)
        case .batchNorm(let bands, let activation): y = follow(subSpectral(node, inputs[0], bands), activation, name, isFused: false)
        case .layerNorm: y = layerNorm(node, inputs[0])
        case .activation(let activation): y = follow(inputs[0], activation, name, isFused: false)
        case .dropout: y = inputs[0]
        case .averagePool(let window):
            y = graph.averagePool2D(inputs[0], window: pair(window.kernel), stride: pair(window.stride), padding: padding(window), name: name)
        case .maxPool(let window):
            y = graph.maxPool2D(inputs[0], window: pair(window.kernel), stride: pair(window.stride), padding: padding(window), name: name)
        case .mean(let time, let frequency): y = graph.mean(inputs[0], axes: (time ? [1] : []) + (frequency ? [2] : []), keepDimensions: true, name: name)
        case .add(let activation):
            y = inputs[0]
            for (k, other) in inputs.dropFirst().enumerated() {
                let isLast = k == inputs.count - 2
                y = graph.add(y, other, activation: isLast ? fused(activation) : .none, name: isLast ? name : "\(name)_\(k)")
            }
            y = follow(y, activation, name)
        case .concatenate: y = graph.concatenation(inputs, axis: 3, name: name)
        case .channels(let first, let count):
            let from = network.shapes[node.inputs[0]]
            y = graph.stridedSlice(inputs[0], begin: [0, 0, 0, first], end: [1, shape[0], from[1], first + count], name: name)
        case .frames(let first, let count):
            // As many as the window has behind them go by before they are the newest.
            let from = network.shapes[node.inputs[0]]
            let x = remembering(inputs[0], from[0] - first - count, node)
            let begin = strides == nil ? first : 0
            y = graph.stridedSlice(x, begin: [0, begin, 0, 0], end: [1, begin + shape[0], from[1], from[2]], name: name)
        case .reshape: y = graph.reshape(inputs[0], [1] + shape, name: name)
        case .attention(let heads): y = attention(node, inputs[0], heads, shape)
        case .classToken:
            y = graph.concatenation([graph.constant("\(name)/weights", [1, 1, 1, shape[2]], values("weight")!), inputs[0]], axis: 1, name: name)
        case .positions: y = graph.add(inputs[0], graph.constant("\(name)/weights", [1] + shape, values("weight")!), name: name)
        case .first: y = graph.stridedSlice(inputs[0], begin: [0, 0, 0, 0], end: [1, 1, 1, shape[2]], name: name)
        case .fakeQuantise:
            y = inputs[0]
            let range = network.ranges[name]!
            ranges[graph.tensors[y].name] = Range(range.low, range.high)
        }
        tensors.append(y)
    }

    private func channels(_ node: Node) -> Int { network.shapes[node.inputs[0]][2] }
    private func pair(_ list: [Int]) -> (height: Int, width: Int) { (list[0], list[1]) }
    private func padding(_ window: WindowShape) -> Graph.Padding { window.padding == .same ? .same : .valid }

    private func fused(_ activation: Activation) -> Graph.Activation {
        switch activation {
        case .relu: .relu
        case .relu6: .relu6
        default: .none
        }
    }

    /// An activation that no operator has built in, behind `x`; `isFused`: ReLU and ReLU6 were.
    private mutating func follow(_ x: Int, _ activation: Activation, _ name: String, isFused: Bool = true) -> Int {
        let name = isFused ? "\(name)_\(activation.rawValue)" : name
        switch activation {
        case .linear: return x
        case .relu: return isFused ? x : graph.relu(x, name: name)
        case .relu6: return isFused ? x : graph.relu6(x, name: name)
        case .hardSwish: return graph.hardSwish(x, name: name)
        case .gelu: return graph.gelu(x, name: name)
        case .sigmoid: return graph.logistic(x, name: name)
        case .tanh: return graph.tanh(x, name: name)
        case .swish: return graph.mul(x, graph.logistic(x, name: "\(name)/gate"), name: name)
        }
    }

    /// x·scale + offset, a pair for every band and channel.
    private mutating func subSpectral(_ node: Node, _ x: Int, _ bands: Int) -> Int {
        let shape = network.shapes[node.inputs[0]], width = shape[1], channels = shape[2]
        let gamma = network["\(node.name).weight"]!.value.array, beta = network["\(node.name).bias"]!.value.array
        let statistics = network.statistics[node.name]!
        var scale: [Float] = [], offset: [Float] = []
        for w in 0..<width {
            for c in 0..<channels {
                let i = w / (width / bands) * channels + c
                let factor = gamma[i] / (statistics.variance.base[i] + 1e-3).squareRoot()
                scale.append(factor)
                offset.append(beta[i] - statistics.mean.base[i] * factor)
            }
        }
        let scaled = graph.mul(x, graph.constant("\(node.name)/scale", [1, 1, width, channels], scale), name: "\(node.name)_scaled")
        return graph.add(scaled, graph.constant("\(node.name)/offset", [1, 1, width, channels], offset), name: node.name)
    }

    private mutating func layerNorm(_ node: Node, _ x: Int) -> Int {
        let name = node.name, channels = network.shapes[node.inputs[0]][2]
        let mean = graph.mean(x, axes: [3], keepDimensions: true, name: "\(name)/mean")
        let squares = graph.binary(.squaredDifference, x, mean, name: "\(name)/squares")
        let variance = graph.mean(squares, axes: [3], keepDimensions: true, name: "\(name)/variance")
        let inverse = graph.unary(.rsqrt, graph.add(variance, graph.constant("\(name)/epsilon", [1], [1e-5]), name: "\(name)/shifted"), name: "\(name)/inverse")
        let normal = graph.mul(graph.binary(.sub, x, mean, name: "\(name)/centred"), inverse, name: "\(name)/normal")
        let scaled = graph.mul(normal, graph.constant("\(name)/gamma", [channels], network["\(name).weight"]!.value.array), name: "\(name)/scaled")
        return graph.add(scaled, graph.constant("\(name)/beta", [channels], network["\(name).bias"]!.value.array), name: name)
    }

    /// Queries, keys and values [1, t, 1, 3·d] → [1, t, 1, d].
    private mutating func attention(_ node: Node, _ x: Int, _ heads: Int, _ shape: [Int]) -> Int {
        let name = node.name, steps = shape[0], d = shape[2], size = d / heads
        let parts = ["q", "k", "v"].enumerated().map { k, part in
            let slice = graph.stridedSlice(x, begin: [0, 0, 0, k * d], end: [1, steps, 1, (k + 1) * d], name: "\(name)/\(part)")
            return graph.transpose(graph.reshape(slice, [1, steps, heads, size], name: "\(name)/\(part)_heads"), [0, 2, 1, 3], name: "\(name)/\(part)_t")
        }
        let scores = graph.batchMatMul(parts[0], parts[1], transposeB: true, name: "\(name)/scores")
        let scaled = graph.mul(scores, graph.constant("\(name)/scale", [1], [1 / Float(size).squareRoot()]), name: "\(name)/scaled")
        let mixed = graph.batchMatMul(graph.softmax(scaled, name: "\(name)/weights"), parts[2], name: "\(name)/mixed")
        return graph.reshape(graph.transpose(mixed, [0, 2, 1, 3], name: "\(name)/mixed_t"), [1, steps, 1, d], name: name)
    }
}
