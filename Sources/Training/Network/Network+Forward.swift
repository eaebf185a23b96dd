extension Network {
    /// Logits [n, classes] of features [n, time, frequency, channels]. `observe` sees every node's output.
    public func callAsFunction(_ tape: Tape, _ x: Variable, observe: ((_ node: Int, _ output: Variable) -> Void)? = nil) -> Variable {
        var outputs: [Variable] = [x]
        observe?(0, x)
        for (i, node) in nodes.enumerated().dropFirst() {
            let output = apply(node, node.inputs.map { outputs[$0] }, tape)
            observe?(i, output)
            outputs.append(output)
        }
        return tape.reshape(outputs.last!, [x.shape[0], outputs.last!.count / x.shape[0]])
    }

    private func apply(_ node: Node, _ inputs: [Variable], _ tape: Tape) -> Variable {
        let x = inputs[0]
        func weight(_ kind: String = "weight") -> Variable? { weights["\(node.name).\(kind)"] }
        /// Weights as integers would have them, where these are trained for.
        func seen(channelsLast: Bool = false) -> Variable {
            guard let bits = node.weightBits else { return weight()! }
            return tape.fakeQuantiseWeights(weight()!, bits: bits, channelsLast: channelsLast)
        }
        switch node.layer {
        case .input: return x
        case .convolution(_, let window, _, let activation):
            return tape.convolution(x, seen(), bias: weight("bias"), window, activation)
        case .depthwise(let window, _, let activation):
            return tape.depthwise(x, seen(channelsLast: true), bias: weight("bias"), window, activation)
        case .dense(_, _, let activation): return tape.linear(x, seen(), bias: weight("bias"), activation)
        case .batchNorm(let bands, let activation):
            return tape.batchNorm(x, gamma: weight()!, beta: weight("bias")!, statistics[node.name]!, bands: bands, activation: activation)
        case .layerNorm: return tape.layerNorm(x, gamma: weight()!, beta: weight("bias")!)
        case .activation(let activation): return tape.activate(x, activation)
        case .dropout(let rate): return tape.dropout(x, rate: rate)
        case .averagePool(let window): return tape.averagePool(x, window)
        case .maxPool(let window): return tape.maxPool(x, window)
        case .mean(let time, let frequency):
            return tape.averagePool(x, WindowShape([time ? x.shape[1] : 1, frequency ? x.shape[2] : 1], padding: .valid))
        case .add(let activation): return tape.add(inputs.dropFirst().dropLast().reduce(x) { tape.add($0, $1) }, inputs.last!, activation)
        case .concatenate: return tape.concatenate(inputs)
        case .channels(let first, let count): return tape.channels(x, from: first, count: count)
        case .frames(let first, let count): return tape.frames(x, from: first, count: count)
        case .reshape(let shape): return tape.reshape(x, [x.shape[0]] + shape)
        case .attention(let heads): return tape.attention(x, heads: heads)
        case .classToken: return tape.prepend(weight()!, to: x)
        case .positions: return tape.add(x, weight()!)
        case .first: return tape.first(x)
        case .fakeQuantise: return tape.fakeQuantise(x, ranges[node.name]!)
        }
    }
}
