import ModelFormat

extension Graph {
    /// Cross-layer equalisation (Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019):
    /// where a layer's output goes, by RELU or nothing, into one other layer only, channel c of the first is divided and of the
    /// second multiplied by √(r₁/r₂), r being the largest |weight| of that channel. The function stays the same.
    public mutating func equalize(rounds: Int = 10) {
        for _ in 0..<rounds {
            let readers = readers()
            for i in operators.indices {
                let y = operators[i].outputs.first ?? -1
                guard let first = WeightedLayer(self, operators[i]), [.none, .relu].contains(operators[i].activation),
                    readers[y].count == 1, !outputs.contains(y), operators[readers[y][0]].inputs[0] == y,
                    let second = WeightedLayer(self, operators[readers[y][0]])
                else { continue }
                equalize(i, first, readers[y][0], second)
            }
        }
        self = compacted()
    }

    private mutating func equalize(_ i: Int, _ first: WeightedLayer, _ k: Int, _ second: WeightedLayer) {
        // Grouped convolutions and flattened inputs have no weight for each channel in one place.
        let axis = second.inputAxis
        guard second.weights.shape[axis] == first.channels else { return }
        let r1 = Self.largest(first.weights, first.channelAxis), r2 = Self.largest(second.weights, axis)
        let factor = zip(r1, r2).map { a, b in a > 0 && b > 0 ? (a / b).squareRoot() : 1 }
        scale(i, first, factor.map { 1 / $0 }, offset: nil)
        var weights = second.weights
        var values = weights.values(as: Float.self)
        for e in values.indices { values[e] *= factor[WeightQuantization.channel(e, weights.shape, axis)] }
        weights.set(values)
        operators[k].inputs[1] = append(weights)
    }

    private static func largest(_ tensor: Tensor, _ axis: Int) -> [Float] {
        var largest = [Float](repeating: 0, count: tensor.shape[axis])
        for (i, w) in tensor.values(as: Float.self).enumerated() {
            let c = WeightQuantization.channel(i, tensor.shape, axis)
            largest[c] = max(largest[c], abs(w))
        }
        return largest
    }
}

extension WeightedLayer {
    /// The dimension of the weights that input channels go along; grouped ones have fewer there.
    fileprivate var inputAxis: Int { weights.shape.count - 1 }
}
