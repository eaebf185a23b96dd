import CTraining

extension Tape {
    /// Mean of (projected − wanted)²: features of the student, brought to the teacher's width by a learnt projection
    /// (Romero et al. 2015), against the teacher's, of those examples (rows) for which it spoke.
    public func alignment(_ features: Variable, projection: Variable, to wanted: Tensor, of isTaught: [Bool]? = nil) -> Variable {
        meanSquare(linear(features, projection), wanted, of: isTaught)
    }

    /// Rows of which nothing is wanted differ by nothing.
    public func meanSquare(_ x: Variable, _ wanted: Tensor, of rows: [Bool]? = nil) -> Variable {
        precondition(x.count == wanted.count, "\(x.shape) against \(wanted.shape)")
        let difference = Tensor(x.shape), width = x.count / x.shape[0]
        for i in 0..<x.count { difference.base[i] = rows?[i / width] ?? true ? x.base[i] - wanted.base[i] : 0 }
        let value = Tensor([1], [Float(t_squares(x.count, difference.base) / Double(x.count))])
        return result(value, of: [x]) { dy in
            x.accumulate { dx in
                let factor = 2 * dy.base[0] / Float(x.count)
                for i in 0..<x.count { dx[i] = factor * difference.base[i] }
            }
        }
    }

    /// Σ weight·loss.
    public func sum(_ losses: [(loss: Variable, weight: Float)]) -> Variable {
        let value = Tensor([1], [losses.reduce(0) { $0 + $1.loss.base[0] * $1.weight }])
        return result(value, of: losses.map { $0.loss }) { dy in
            for (loss, weight) in losses { loss.accumulate { $0[0] = weight * dy.base[0] } }
        }
    }
}
