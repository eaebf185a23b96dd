import CTraining

extension Tape {
    /// Multi-head self-attention (Vaswani et al. 2017) of [n, t, 1, 3·d] = queries, keys, values side by side → [n, t, 1, d].
    public func attention(_ x: Variable, heads: Int) -> Variable {
        let samples = x.shape[0], steps = x.shape[1], width = x.shape.last!, d = width / 3, size = d / heads
        precondition(d * 3 == width && size * heads == d, "\(heads) heads of \(x.shape)")
        let scale = 1 / Float(size).squareRoot()
        let y = Tensor([samples, steps, 1, d]), weights = Tensor([samples, heads, steps, steps])
        Parallel.split(samples * heads) { _, range in
            for i in range {
                let (n, h) = (i / heads, i % heads)
                let q = x.base + n * steps * width + h * size, p = weights.base + i * steps * steps
                gemm(steps, steps, size, q, strideA: width, q + d, transposeB: true, strideB: width, alpha: scale, p)
                t_softmax(steps, steps, p)
                gemm(steps, size, steps, p, q + 2 * d, strideB: width, y.base + n * steps * d + h * size, strideC: d)
            }
        }
        return result(y, of: [x]) { dy in
            x.accumulate { dx in
                Parallel.split(samples * heads) { _, range in
                    let dp = Tensor([steps, steps]), ds = Tensor([steps, steps])
                    for i in range {
                        let (n, h) = (i / heads, i % heads)
                        let at = n * steps * width + h * size
                        let q = x.base + at, dq = dx + at, p = weights.base + i * steps * steps
                        let out = dy.base + n * steps * d + h * size
                        gemm(steps, steps, size, out, strideA: d, q + 2 * d, transposeB: true, strideB: width, dp.base)
                        t_softmax_gradient(steps, steps, p, dp.base, ds.base)
                        gemm(steps, size, steps, ds.base, q + d, strideB: width, alpha: scale, dq, strideC: width)
                        gemm(steps, size, steps, ds.base, transposeA: true, q, strideB: width, alpha: scale, dq + d, strideC: width)
                        gemm(steps, size, steps, p, transposeA: true, out, strideB: d, dq + 2 * d, strideC: width)
                    }
                }
            }
        }
    }
}
