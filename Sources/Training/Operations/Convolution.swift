import CTraining

extension Tape {
    /// [n, h, w, in] → [n, h', w', out]; weights [out, kernel h, kernel w, in], bias [out].
    /// By rows of patches and GEMM (Chellapilla et al. 2006), a few samples at a time so that the patches stay in cache.
    public func convolution(
        _ x: Variable, _ weights: Variable, bias: Variable? = nil, _ shape: WindowShape, _ activation: Activation = .linear
    ) -> Variable {
        if shape.isPointwise { return linear(x, weights, bias: bias, activation) }
        var window = shape.over(x.shape)
        let samples = x.shape[0], outputs = weights.shape[0], patch = window.taps * x.shape[3]
        precondition(weights.count == outputs * patch, "weights \(weights.shape) on \(x.shape)")
        let rows = window.positions
        let few = max(1, (1 << 17) / (rows * patch))
        let y = Tensor([samples, Int(window.out_h), Int(window.out_w), outputs])

        /// Calls `body` with sample range and a buffer for its patches.
        func each(_ range: Range<Int>, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void) {
            let patches = Tensor([few * rows * patch])
            for first in stride(from: range.lowerBound, to: range.upperBound, by: few) {
                body(first..<min(first + few, range.upperBound), patches.base)
            }
        }

        Parallel.split(samples) { _, range in
            each(range) { group, patches in
                t_im2col(&window, Int32(group.count), x.base + group.lowerBound * window.inputSize, patches)
                let target = y.base + group.lowerBound * rows * outputs
                gemm(group.count * rows, outputs, patch, patches, weights.base, transposeB: true, target)
                if let bias { t_add_bias(group.count * rows, outputs, bias.base, target) }
            }
        }
        return result(y, of: [x, weights] + (bias.map { [$0] } ?? []), activation) { dy in
            weights.accumulate { dw in
                let parts = Parts(samples, shape: weights.shape)
                Parallel.split(samples) { part, range in
                    each(range) { group, patches in
                        t_im2col(&window, Int32(group.count), x.base + group.lowerBound * window.inputSize, patches)
                        gemm(
                            outputs, patch, group.count * rows, dy.base + group.lowerBound * rows * outputs, transposeA: true,
                            patches, beta: 1, parts[part])
                    }
                }
                parts.sum(into: dw)
            }
            x.accumulate { dx in
                Parallel.split(samples) { _, range in
                    each(range) { group, patches in
                        gemm(
                            group.count * rows, patch, outputs, dy.base + group.lowerBound * rows * outputs, weights.base, patches)
                        let target = dx + group.lowerBound * window.inputSize
                        target.update(repeating: 0, count: group.count * window.inputSize)
                        t_col2im(&window, Int32(group.count), patches, target)
                    }
                }
            }
            bias?.accumulateRows(of: dy)
        }
    }

    /// [n, h, w, c] → [n, h', w', c]; weights [kernel h, kernel w, c], bias [c].
    public func depthwise(
        _ x: Variable, _ weights: Variable, bias: Variable? = nil, _ shape: WindowShape, _ activation: Activation = .linear
    ) -> Variable {
        var window = shape.over(x.shape)
        let samples = x.shape[0], channels = x.shape[3]
        precondition(weights.count == window.taps * channels, "weights \(weights.shape) on \(x.shape)")
        let inSize = window.inputSize, outSize = window.outputSize
        let y = Tensor([samples, Int(window.out_h), Int(window.out_w), channels])
        Parallel.split(samples) { _, range in
            t_depthwise(
                &window, Int32(range.count), x.base + range.lowerBound * inSize, weights.base, bias?.base,
                y.base + range.lowerBound * outSize)
        }
        return result(y, of: [x, weights] + (bias.map { [$0] } ?? []), activation) { dy in
            x.accumulate { dx in
                Parallel.split(samples) { _, range in
                    t_depthwise_input_gradient(
                        &window, Int32(range.count), dy.base + range.lowerBound * outSize, weights.base, dx + range.lowerBound * inSize)
                }
            }
            weights.accumulate { dw in
                let parts = Parts(samples, shape: weights.shape)
                Parallel.split(samples) { part, range in
                    t_depthwise_weight_gradient(
                        &window, Int32(range.count), x.base + range.lowerBound * inSize, dy.base + range.lowerBound * outSize, parts[part])
                }
                parts.sum(into: dw)
            }
            bias?.accumulateRows(of: dy)
        }
    }
}
