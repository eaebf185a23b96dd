import Support

extension Network {
    /// The same function in fewer nodes, as it is exported: batch normalisation is part of the convolution before it,
    /// parallel convolutions of one input are one (re-parameterisation, Ding et al. 2021), clamps belong to what they clamp,
    /// dropout is gone.
    public func folded() throws(Failure) -> Network {
        var fold = Fold(self)
        for i in nodes.indices { fold.take(i) }
        fold.mergeBranches()
        return try fold.network(output: nodes.count - 1)
    }
}

/// Rewrites node by node. Where a normalisation's input has no other reader, it disappears into it.
private struct Fold {
    let network: Network
    /// New nodes, by old index; nil: gone. Inputs are still old indices.
    var nodes: [Node?]
    /// What an old node became part of.
    var became: [Int]
    var weights: [String: Tensor] = [:]
    let readers: [Int]

    init(_ network: Network) {
        self.network = network
        nodes = []
        became = []
        var readers = [Int](repeating: 0, count: network.nodes.count)
        for node in network.nodes { for i in node.inputs { readers[i] += 1 } }
        self.readers = readers
    }

    func source(_ i: Int) -> Int {
        var i = i
        while became[i] != i { i = became[i] }
        return i
    }

    mutating func take(_ i: Int) {
        var node = network.nodes[i]
        node.inputs = node.inputs.map(source)
        became.append(i)
        nodes.append(node)
        for (name, value) in network.parameters where name.hasPrefix(node.name + ".") { weights[name] = value.value.copy() }
        switch node.layer {
        case .dropout: vanish(i, into: node.inputs[0])
        case .batchNorm(let bands, let activation) where bands == 1: normalise(i, node, activation)
        case .activation(let activation) where activation.isClamp && readers[network.nodes[i].inputs[0]] == 1:
            if clamp(node.inputs[0], activation) { vanish(i, into: node.inputs[0]) }
        default: break
        }
    }

    private mutating func vanish(_ i: Int, into target: Int) {
        nodes[i] = nil
        became[i] = target
    }

    /// The activation becomes part of node `i`, if that is of a kind that has one and has none.
    private mutating func clamp(_ i: Int, _ activation: Activation) -> Bool {
        guard var node = nodes[i] else { return false }
        switch node.layer {
        case .convolution(let filters, let window, let bias, .linear):
            node.layer = .convolution(filters: filters, window: window, bias: bias, activation: activation)
        case .depthwise(let window, let bias, .linear): node.layer = .depthwise(window: window, bias: bias, activation: activation)
        case .dense(let units, let bias, .linear): node.layer = .dense(units: units, bias: bias, activation: activation)
        case .add(.linear): node.layer = .add(activation: activation)
        default: return false
        }
        nodes[i] = node
        return true
    }

    /// y = scale·x + offset, by channels, with what the normalisation has learnt.
    private func affine(_ node: Node) -> (scale: [Float], offset: [Float]) {
        let gamma = network.weights["\(node.name).weight"]!.value.array, beta = network.weights["\(node.name).bias"]!.value.array
        let statistics = network.statistics[node.name]!
        let scale = zip(gamma, statistics.variance.array).map { $0 / ($1 + Tape.normalisationEpsilon).squareRoot() }
        let offset = zip(beta, zip(statistics.mean.array, scale)).map { $0 - $1.0 * $1.1 }
        return (scale, offset)
    }

    private mutating func normalise(_ i: Int, _ node: Node, _ activation: Activation) {
        let (scale, offset) = affine(node)
        let target = node.inputs[0], channels = scale.count
        defer {
            weights["\(node.name).weight"] = nil
            weights["\(node.name).bias"] = nil
        }
        guard readers[network.nodes[i].inputs[0]] == 1, var convolution = nodes[target], absorb(&convolution, activation) else {
            // Nothing to go into: a depthwise convolution of one tap is the same.
            nodes[i]!.layer = .depthwise(window: WindowShape([1, 1]), bias: true, activation: activation)
            nodes[i]!.name = node.name + "_affine"
            weights["\(node.name)_affine.weight"] = Tensor([1, 1, channels], scale)
            weights["\(node.name)_affine.bias"] = Tensor([channels], offset)
            return
        }
        let weight = weights["\(convolution.name).weight"]!
        let bias = weights["\(convolution.name).bias"]?.array ?? [Float](repeating: 0, count: channels)
        let isDepthwise = weight.shape.last == channels && weight.shape.count == 3
        for k in 0..<weight.count {
            weight.base[k] *= isDepthwise ? scale[k % channels] : scale[k / (weight.count / channels)]
        }
        weights["\(convolution.name).bias"] = Tensor([channels], (0..<channels).map { bias[$0] * scale[$0] + offset[$0] })
        nodes[target] = convolution
        vanish(i, into: target)
    }

    /// Gives a layer a bias and an activation, if it can have these.
    private func absorb(_ node: inout Node, _ activation: Activation) -> Bool {
        switch node.layer {
        case .convolution(let filters, let window, _, .linear):
            node.layer = .convolution(filters: filters, window: window, bias: true, activation: activation)
        case .depthwise(let window, _, .linear): node.layer = .depthwise(window: window, bias: true, activation: activation)
        case .dense(let units, _, .linear): node.layer = .dense(units: units, bias: true, activation: activation)
        default: return false
        }
        return true
    }

    /// Sums of linear depthwise convolutions of one input with stride 1 and SAME padding become one, with the largest kernel.
    mutating func mergeBranches() {
        for i in nodes.indices {
            guard case .add(let activation)? = nodes[i]?.layer else { continue }
            let branches = nodes[i]!.inputs.map(source)
            var windows: [WindowShape] = []
            for branch in branches {
                guard case .depthwise(let window, true, .linear)? = nodes[branch]?.layer, window.stride == [1, 1],
                    window.dilation == [1, 1], window.padding == .same || window.kernel == [1, 1],
                    window.kernel.allSatisfy({ $0 % 2 == 1 }), readers(of: branch) == 1
                else { break }
                windows.append(window)
            }
            let inputs = branches.map { nodes[$0]?.inputs.first.map(source) }
            guard windows.count == branches.count, inputs.allSatisfy({ $0 == inputs[0] }) else { continue }
            let kernel = [0, 1].map { axis in windows.map { $0.kernel[axis] }.max()! }
            let name = nodes[branches[0]]!.name, channels = weights["\(name).bias"]!.count
            let weight = Tensor(kernel + [channels], repeating: 0), bias = Tensor([channels], repeating: 0)
            for (branch, window) in zip(branches, windows) {
                let from = weights["\(nodes[branch]!.name).weight"]!, offset = weights["\(nodes[branch]!.name).bias"]!
                let top = (kernel[0] - window.kernel[0]) / 2, left = (kernel[1] - window.kernel[1]) / 2
                for y in 0..<window.kernel[0] {
                    for x in 0..<window.kernel[1] {
                        for c in 0..<channels {
                            weight.base[((y + top) * kernel[1] + x + left) * channels + c] += from.base[(y * window.kernel[1] + x) * channels + c]
                        }
                    }
                }
                for c in 0..<channels { bias.base[c] += offset.base[c] }
            }
            let input = inputs[0]!
            for branch in branches { nodes[branch] = nil }
            nodes[i] = Node(name, .depthwise(window: WindowShape(kernel), bias: true, activation: activation), [input])
            weights["\(name).weight"] = weight
            weights["\(name).bias"] = bias
        }
    }

    private func readers(of i: Int) -> Int {
        nodes.reduce(0) { count, node in count + (node?.inputs.count { source($0) == i } ?? 0) }
    }

    func network(output: Int) throws(Failure) -> Network {
        var number = [Int: Int]()
        var list: [Node] = []
        for (i, node) in nodes.enumerated() {
            guard var node else { continue }
            node.inputs = node.inputs.map { number[source($0)]! }
            number[i] = list.count
            list.append(node)
        }
        let result = try Network(list)
        for (name, value) in result.parameters {
            guard let from = weights[name], from.count == value.value.count else {
                throw Failure(.software, "\(name)", "lost in folding", "report this")
            }
            value.value.fill(from: from)
        }
        for (name, statistics) in result.statistics {
            statistics.mean.fill(from: network.statistics[name]!.mean)
            statistics.variance.fill(from: network.statistics[name]!.variance)
        }
        for (name, range) in result.ranges { range.copy(network.ranges[name]!) }
        return result
    }
}
