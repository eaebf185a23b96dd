import CTraining

extension Tape {
    /// y[…, out] = x[…, in] · weightsᵀ + bias; weights [out, in] (or [out, 1, 1, in]), bias [out].
    public func linear(_ x: Variable, _ weights: Variable, bias: Variable? = nil, _ activation: Activation = .linear) -> Variable {
        let inputs = x.shape.last!, outputs = weights.shape[0]
        precondition(weights.count == inputs * outputs, "weights \(weights.shape) on \(x.shape)")
        let rows = x.count / inputs
        let y = Tensor(x.shape.dropLast() + [outputs])
        Parallel.split(rows) { _, range in
            let target = y.base + range.lowerBound * outputs
            gemm(range.count, outputs, inputs, x.base + range.lowerBound * inputs, weights.base, transposeB: true, target)
            if let bias { t_add_bias(range.count, outputs, bias.base, target) }
        }
        return result(y, of: [x, weights] + (bias.map { [$0] } ?? []), activation) { dy in
            x.accumulate { dx in
                Parallel.split(rows) { _, range in
                    gemm(range.count, inputs, outputs, dy.base + range.lowerBound * outputs, weights.base, dx + range.lowerBound * inputs)
                }
            }
            weights.accumulate { dw in
                let parts = Parts(rows, shape: [outputs, inputs])
                Parallel.split(rows) { part, range in
                    gemm(
                        outputs, inputs, range.count, dy.base + range.lowerBound * outputs, transposeA: true,
                        x.base + range.lowerBound * inputs, parts[part])
                }
                parts.sum(into: dw)
            }
            bias?.accumulateRows(of: dy)
        }
    }
}
