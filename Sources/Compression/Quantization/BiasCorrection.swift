import ModelFormat

extension Quantizer {
    /// Takes from each layer's bias what rounding its weights adds to its output on average: Σ (q(w) − w) · E[x], with the
    /// input's means from calibration (Nagel et al. 2019, section 4.2). What padding does at the edges is left out of account.
    public func correctingBiases(_ graph: Graph, _ calibration: Calibration) -> Graph {
        var result = graph
        for (i, op) in graph.operators.enumerated() {
            guard let layer = WeightedLayer(graph, op) else { continue }
            let means = calibration.means(op.inputs[0])
            guard !means.isEmpty else { continue }
            let axis = layer.code == .fullyConnected && perTensorFullyConnected ? nil : layer.channelAxis
            let rounded = WeightQuantization.reals(WeightQuantization.int8(layer.weights, axis: axis))
            let weights = layer.weights.values(as: Float.self)
            let shape = layer.weights.shape
            // Weights of one filter, and the mean of the input that each meets.
            let inputs = layer.code == .fullyConnected ? shape[1] : graph.tensors[op.inputs[0]].shape[3]
            let mean = Self.folded(means, inputs)
            var error = [Double](repeating: 0, count: layer.channels)
            for e in weights.indices {
                let o = WeightQuantization.channel(e, shape, layer.channelAxis)
                error[o] += Double(rounded[e] - weights[e]) * mean[Self.input(e, o, layer, inputs)]
            }
            let bias = layer.bias?.values(as: Float.self) ?? [Float](repeating: 0, count: layer.channels)
            result.setBias(i, layer, zip(bias, error).map { $0 - Float($1) })
        }
        return result.compacted()
    }

    /// The input channel that element `e` of the weights, of filter `o`, is multiplied with.
    private static func input(_ e: Int, _ o: Int, _ layer: WeightedLayer, _ inputs: Int) -> Int {
        let shape = layer.weights.shape
        switch layer.code {
        case .depthwiseConv2D: return o / (shape[3] / inputs)
        case .conv2D: return e % shape[3] + o / (shape[0] / (inputs / shape[3])) * shape[3]
        default: return e % shape[1]
        }
    }

    /// The means of elements that are the same modulo `count`.
    private static func folded(_ means: [Double], _ count: Int) -> [Double] {
        var result = [Double](repeating: 0, count: count)
        for (i, mean) in means.enumerated() { result[i % count] += mean }
        return result.map { $0 / Double(means.count / count) }
    }
}
