import CTraining

/// What a batch normalisation has learnt of its input: mean and variance, [bands · channels].
public final class RunningStatistics {
    public let mean: Tensor
    public let variance: Tensor

    public init(_ count: Int) {
        mean = Tensor([count], repeating: 0)
        variance = Tensor([count], repeating: 1)
    }
}

extension Tape {
    /// What batch normalisation adds to a variance.
    public static let normalisationEpsilon: Float = 1e-3

    /// Batch normalisation (Ioffe and Szegedy 2015) of [n, h, w, c], followed by an activation that is linear, ReLU or ReLU6.
    /// `bands` > 1: the width's `bands` equal parts are normalised apart, as sub-spectral normalisation does (Chang et al. 2021).
    /// gamma, beta: [bands · c]. Statistics move by 0.1 of the way, as PyTorch's do.
    public func batchNorm(
        _ x: Variable, gamma: Variable, beta: Variable, _ running: RunningStatistics, bands: Int = 1, activation: Activation = .linear,
        epsilon: Float = normalisationEpsilon
    ) -> Variable {
        precondition(activation.isClamp, "\(activation) stands alone")
        let samples = x.shape[0], channels = x.shape.last!, width = x.shape.count == 4 ? x.shape[2] : 1
        let perSample = x.count / samples, rowsEach = perSample / channels, groups = bands * channels
        precondition(gamma.count == groups && width % bands == 0, "\(bands) bands of \(x.shape)")
        let act = activation.kernel
        func shape(_ range: Range<Int>) -> t_bands {
            t_bands(rows: Int32(range.count * rowsEach), channels: Int32(channels), width: Int32(width), bands: Int32(bands))
        }
        /// Two sums per group, gathered by parts of the batch.
        func sums(_ body: (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void) -> (first: [Double], second: [Double]) {
            let parts = Parallel.parts(samples)
            let memory = UnsafeMutablePointer<Double>.allocate(capacity: parts * groups * 2)
            memory.initialize(repeating: 0, count: parts * groups * 2)
            defer { memory.deallocate() }
            Parallel.split(samples) { part, range in
                body(range, memory + part * groups * 2, memory + part * groups * 2 + groups)
            }
            var first = [Double](repeating: 0, count: groups), second = first
            for part in 0..<parts {
                for i in 0..<groups {
                    first[i] += memory[part * groups * 2 + i]
                    second[i] += memory[part * groups * 2 + groups + i]
                }
            }
            return (first, second)
        }

        let count = Double(samples * rowsEach / bands)
        let mean = Tensor([groups]), inverse = Tensor([groups])
        if isTraining {
            let (sum, squares) = sums { range, sum, squares in
                var b = shape(range)
                t_band_sums(&b, x.base + range.lowerBound * perSample, sum, squares)
            }
            for i in 0..<groups {
                let m = sum[i] / count, v = max(squares[i] / count - m * m, 0)
                mean.base[i] = Float(m)
                inverse.base[i] = Float(1 / (v + Double(epsilon)).squareRoot())
                running.mean.base[i] += 0.1 * (Float(m) - running.mean.base[i])
                running.variance.base[i] += 0.1 * (Float(v * count / max(count - 1, 1)) - running.variance.base[i])
            }
        } else {
            mean.fill(from: running.mean)
            for i in 0..<groups { inverse.base[i] = 1 / (running.variance.base[i] + epsilon).squareRoot() }
        }
        let scale = Tensor([groups]), offset = Tensor([groups])
        for i in 0..<groups {
            scale.base[i] = gamma.base[i] * inverse.base[i]
            offset.base[i] = beta.base[i] - mean.base[i] * scale.base[i]
        }
        let y = Tensor(x.shape)
        Parallel.split(samples) { _, range in
            var b = shape(range)
            let at = range.lowerBound * perSample
            t_band_affine(&b, x.base + at, scale.base, offset.base, act, y.base + at)
        }
        let isTraining = isTraining
        return result(y, of: [x, gamma, beta], overwrites: true) { slope in
            let (sum, product) = sums { range, sum, product in
                var b = shape(range)
                let at = range.lowerBound * perSample
                t_band_gradient_sums(
                    &b, x.base + at, slope.base + at, scale.base, offset.base, mean.base, inverse.base, act, sum, product)
            }
            beta.accumulate { for i in 0..<groups { $0[i] = Float(sum[i]) } }
            gamma.accumulate { for i in 0..<groups { $0[i] = Float(product[i]) } }
            guard x.needsGradient else { return }
            // Fixed statistics don't answer to the input.
            let ownSum = sum.map { isTraining ? Float($0 / count) : 0 }
            let ownProduct = product.indices.map { isTraining ? Float(product[$0] / count) * inverse.base[$0] : 0 }
            Parallel.split(samples) { _, range in
                var b = shape(range)
                let at = range.lowerBound * perSample
                t_band_gradient(&b, x.base + at, scale.base, offset.base, mean.base, act, ownSum, ownProduct, slope.base + at)
            }
            x.accumulate(slope)
        }
    }

    /// Layer normalisation (Ba et al. 2016) over the last dimension.
    public func layerNorm(_ x: Variable, gamma: Variable, beta: Variable, epsilon: Float = 1e-5) -> Variable {
        let channels = x.shape.last!, rows = x.count / channels
        let y = Tensor(x.shape), mean = Tensor([rows]), inverse = Tensor([rows])
        Parallel.split(rows) { _, range in
            let at = range.lowerBound
            t_layer_norm(
                Int32(range.count), Int32(channels), x.base + at * channels, gamma.base, beta.base, epsilon, y.base + at * channels,
                mean.base + at, inverse.base + at)
        }
        return result(y, of: [x, gamma, beta]) { dy in
            let dx = Tensor(x.shape), dgamma = Parts(rows, shape: [channels]), dbeta = Parts(rows, shape: [channels])
            Parallel.split(rows) { part, range in
                let at = range.lowerBound
                t_layer_norm_gradient(
                    Int32(range.count), Int32(channels), x.base + at * channels, dy.base + at * channels, gamma.base,
                    mean.base + at, inverse.base + at, dx.base + at * channels, dgamma[part], dbeta[part])
            }
            x.accumulate(dx)
            gamma.accumulate { dgamma.sum(into: $0) }
            beta.accumulate { dbeta.sum(into: $0) }
        }
    }
}
