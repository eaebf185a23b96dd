import CTraining

/// Where the numbers of an activation lie, as quantisation-aware training sees them.
public final class ActivationRange {
    /// [low, high]; a parameter where it is learnt.
    public let bounds: Variable
    /// False until the first batch was seen.
    public var isKnown: Bool
    public let isLearnt: Bool

    public init(low: Float = 0, high: Float = 0, isLearnt: Bool = false) {
        bounds = Variable(Tensor([2], [low, high]), needsGradient: isLearnt)
        isKnown = high > low
        self.isLearnt = isLearnt
    }

    public var low: Float { bounds.base[0] }
    public var high: Float { bounds.base[1] }

    /// Scale and zero point of int8 for the range, widened to hold 0 exactly (Jacob et al. 2018).
    public var quantisation: (scale: Float, zero: Int) {
        let low = min(self.low, 0), high = max(self.high, 0)
        let scale = max((high - low) / 255, 1e-8)
        return (scale, min(max(Int((-128 - low / scale).rounded()), -128), 127))
    }
}

extension Tape {
    /// What int8 makes of an activation; the gradient passes straight through where nothing was clipped (Bengio et al. 2013).
    /// In training an observed range moves by a hundredth of the way to each batch's; a learnt one follows the gradient of
    /// what it clips (Choi et al. 2018).
    public func fakeQuantise(_ x: Variable, _ range: ActivationRange) -> Variable {
        if isTraining, !range.isKnown || !range.isLearnt {
            let (low, high) = extent(x.value)
            let step: Float = range.isKnown ? 0.01 : 1
            range.bounds.base[0] += step * (low - range.low)
            range.bounds.base[1] += step * (high - range.high)
            range.isKnown = true
        }
        let (scale, zero) = range.quantisation
        let y = Tensor(x.shape)
        Parallel.split(x.count) { _, part in
            t_fake_quantise(part.count, scale, Int32(zero), -128, 127, x.base + part.lowerBound, y.base + part.lowerBound)
        }
        return result(y, of: [x, range.bounds], overwrites: true) { slope in
            range.bounds.accumulate {
                var below = 0.0, above = 0.0
                t_fake_quantise_clipped(x.count, scale, Int32(zero), -128, 127, x.base, slope.base, &below, &above)
                $0[0] = Float(below)
                $0[1] = Float(above)
            }
            Parallel.split(x.count) { _, part in
                t_fake_quantise_gradient(part.count, scale, Int32(zero), -128, 127, x.base + part.lowerBound, slope.base + part.lowerBound)
            }
            x.accumulate(slope)
        }
    }

    /// The least and largest of elements and 0.
    private func extent(_ x: Tensor) -> (low: Float, high: Float) {
        let lows = Parts(x.count, shape: [1]), highs = Parts(x.count, shape: [1])
        Parallel.split(x.count) { part, range in t_range(range.count, x.base + range.lowerBound, lows[part], highs[part]) }
        let parts = 0..<Parallel.parts(x.count)
        return (parts.map { lows[$0][0] }.min()!, parts.map { highs[$0][0] }.max()!)
    }

    /// What integers of `bits` bits make of weights, symmetric, a scale per channel: of the first dimension,
    /// or of the last for depthwise weights. The gradient passes straight through.
    public func fakeQuantiseWeights(_ w: Variable, bits: Int, channelsLast: Bool = false) -> Variable {
        let q = Tensor(w.shape)
        if channelsLast {
            let channels = w.shape.last!, scales = Tensor([channels])
            t_fake_quantise_columns(w.count / channels, channels, Int32(bits), w.base, q.base, scales.base)
        } else {
            t_fake_quantise_rows(w.shape[0], w.count / w.shape[0], Int32(bits), w.base, q.base)
        }
        return result(q, of: [w]) { dy in w.accumulate(dy) }
    }
}
