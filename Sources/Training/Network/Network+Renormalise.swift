extension Network {
    /// Gives every batch normalisation the statistics of its input for `features` [n, time, frequency, channels], and gamma and beta
    /// with which the network computes what it did: weights that were folded for the board, whose normalisations do nothing, can so be
    /// trained on, where each batch is normalised by what it is.
    public func renormalise(_ features: Tensor) {
        let readers = Dictionary(grouping: nodes.indices.dropFirst()) { nodes[$0].inputs[0] }
        // One pass is enough: what comes later is computed with what was just set.
        _ = self(Tape(training: false), Variable(features)) { [self] i, output in
            for reader in readers[i] ?? [] {
                if case .batchNorm(let bands, _) = nodes[reader].layer { settle(nodes[reader].name, bands, output.value) }
            }
        }
    }

    private func settle(_ name: String, _ bands: Int, _ x: Tensor) {
        let statistics = statistics[name]!, gamma = weights["\(name).weight"]!.value, beta = weights["\(name).bias"]!.value
        let channels = x.shape.last!, width = x.shape.count == 4 ? x.shape[2] : 1, groups = bands * channels
        var sums = [Double](repeating: 0, count: groups), squares = sums
        for row in 0..<x.count / channels {
            let group = row % width * bands / width * channels
            for c in 0..<channels {
                let value = Double(x.base[row * channels + c])
                sums[group + c] += value
                squares[group + c] += value * value
            }
        }
        let count = Double(x.count / groups)
        for i in 0..<groups {
            let mean = sums[i] / count, variance = max(squares[i] / count - mean * mean, 0)
            let scale = gamma.base[i] / (statistics.variance.base[i] + Tape.normalisationEpsilon).squareRoot()
            let offset = beta.base[i] - statistics.mean.base[i] * scale
            statistics.mean.base[i] = Float(mean)
            statistics.variance.base[i] = Float(variance)
            gamma.base[i] = scale * (Float(variance) + Tape.normalisationEpsilon).squareRoot()
            beta.base[i] = offset + Float(mean) * scale
        }
    }
}
