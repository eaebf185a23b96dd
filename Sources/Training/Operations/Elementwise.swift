import CTraining

extension Tape {
    /// a + b; b's dimensions may be 1 where a's are not (not the last): it is then repeated along these.
    public func add(_ a: Variable, _ b: Variable, _ activation: Activation = .linear) -> Variable {
        if a.shape == b.shape {
            return result(a.value + b.value, of: [a, b], activation) { dy in
                a.accumulate(dy)
                b.accumulate(dy)
            }
        }
        if a.shape.count == 4, b.shape == [a.shape[0], a.shape[1], 1, a.shape[3]] { return addToAllFrequencies(a, b, activation) }
        let rows = repeated(b.shape, to: a.shape), channels = a.shape.last!
        let y = Tensor(a.shape)
        for (i, from) in rows.enumerated() { t_add(channels, a.base + i * channels, b.base + from * channels, y.base + i * channels) }
        return result(y, of: [a, b], activation) { dy in
            a.accumulate(dy)
            b.accumulate { db in
                db.update(repeating: 0, count: b.count)
                for (i, to) in rows.enumerated() { t_accumulate(channels, dy.base + i * channels, db + to * channels) }
            }
        }
    }

    /// a [n, t, f, c] + b [n, t, 1, c]: what broadcasted residual networks do all the time.
    private func addToAllFrequencies(_ a: Variable, _ b: Variable, _ activation: Activation) -> Variable {
        let groups = a.shape[0] * a.shape[1], times = a.shape[2], channels = a.shape[3], size = times * channels
        let y = Tensor(a.shape)
        Parallel.split(groups) { _, range in
            let at = range.lowerBound
            t_add_repeated(range.count, times, channels, a.base + at * size, b.base + at * channels, y.base + at * size)
        }
        return result(y, of: [a, b], activation) { dy in
            a.accumulate(dy)
            b.accumulate { db in
                Parallel.split(groups) { _, range in
                    t_sum_repeated(range.count, times, channels, dy.base + range.lowerBound * size, db + range.lowerBound * channels)
                }
            }
        }
    }

    /// For each row of `to`, the row of `from` that lies under it.
    private func repeated(_ from: [Int], to: [Int]) -> [Int] {
        precondition(from.count == to.count && from.last == to.last && zip(from, to).allSatisfy { $0 == $1 || $0 == 1 }, "\(from) onto \(to)")
        var rows = [0]
        var stride = 1
        // From the innermost row dimension outwards.
        for d in (0..<to.count - 1).reversed() {
            let step = from[d] == 1 ? 0 : stride
            rows = (0..<to[d]).flatMap { i in rows.map { $0 + i * step } }
            stride *= from[d]
        }
        return rows
    }

    /// Side by side along the last dimension.
    public func concatenate(_ inputs: [Variable]) -> Variable {
        let widths = inputs.map { $0.shape.last! }, width = widths.reduce(0, +)
        let rows = inputs[0].count / widths[0]
        let y = Tensor(inputs[0].shape.dropLast() + [width])
        var at = 0
        for (input, part) in zip(inputs, widths) {
            for r in 0..<rows { (y.base + r * width + at).update(from: input.base + r * part, count: part) }
            at += part
        }
        return result(y, of: inputs) { dy in
            var at = 0
            for (input, part) in zip(inputs, widths) {
                let from = at
                input.accumulate { dx in
                    for r in 0..<rows { (dx + r * part).update(from: dy.base + r * width + from, count: part) }
                }
                at += part
            }
        }
    }

    /// The `count` channels from `first` on.
    public func channels(_ x: Variable, from first: Int, count: Int) -> Variable {
        let width = x.shape.last!, rows = x.count / width
        let y = Tensor(x.shape.dropLast() + [count])
        for r in 0..<rows { (y.base + r * count).update(from: x.base + r * width + first, count: count) }
        return result(y, of: [x]) { dy in
            x.accumulate { dx in
                dx.update(repeating: 0, count: x.count)
                for r in 0..<rows { (dx + r * width + first).update(from: dy.base + r * count, count: count) }
            }
        }
    }

    /// The `count` frames from `first` on, of [n, frames, ...].
    public func frames(_ x: Variable, from first: Int, count: Int) -> Variable {
        let frame = x.shape.dropFirst(2).reduce(1, *)
        let part = channels(reshape(x, [x.shape[0], x.shape[1] * frame]), from: first * frame, count: count * frame)
        return reshape(part, [x.shape[0], count] + x.shape.dropFirst(2))
    }

    /// The same elements in another shape.
    public func reshape(_ x: Variable, _ shape: [Int]) -> Variable {
        precondition(shape.reduce(1, *) == x.count, "\(x.shape) as \(shape)")
        let y = Tensor(shape)
        y.base.update(from: x.base, count: x.count)
        return result(y, of: [x]) { dy in x.accumulate { $0.update(from: dy.base, count: dy.count) } }
    }

    /// Sets a share `rate` of elements to 0 and scales the rest (Srivastava et al. 2014). Only in training.
    public func dropout(_ x: Variable, rate: Float) -> Variable {
        guard isTraining, rate > 0 else { return x }
        let y = Tensor(x.shape), mask = Tensor(x.shape)
        t_dropout(x.count, rate, &random.state, x.base, mask.base, y.base)
        return result(y, of: [x]) { dy in x.accumulate { t_multiply(x.count, dy.base, mask.base, $0) } }
    }

    /// [n, t, …, c] with a learnt row [c] before each sample's first: [n, t + 1, 1, c] of [n, t, 1, c].
    public func prepend(_ token: Variable, to x: Variable) -> Variable {
        let samples = x.shape[0], size = x.count / samples, width = token.count
        let y = Tensor([samples, x.shape[1] + 1] + x.shape.dropFirst(2))
        for n in 0..<samples {
            (y.base + n * (size + width)).update(from: token.base, count: width)
            (y.base + n * (size + width) + width).update(from: x.base + n * size, count: size)
        }
        return result(y, of: [x, token]) { dy in
            x.accumulate { dx in
                for n in 0..<samples { (dx + n * size).update(from: dy.base + n * (size + width) + width, count: size) }
            }
            token.accumulate { dt in
                dt.update(repeating: 0, count: width)
                for n in 0..<samples { t_accumulate(width, dy.base + n * (size + width), dt) }
            }
        }
    }

    /// The first row of each sample: [n, 1, 1, c] of [n, t, 1, c].
    public func first(_ x: Variable) -> Variable {
        let samples = x.shape[0], size = x.count / samples, width = x.shape.last!
        let y = Tensor([samples, 1, 1, width])
        for n in 0..<samples { (y.base + n * width).update(from: x.base + n * size, count: width) }
        return result(y, of: [x]) { dy in
            x.accumulate { dx in
                dx.update(repeating: 0, count: x.count)
                for n in 0..<samples { (dx + n * size).update(from: dy.base + n * width, count: width) }
            }
        }
    }
}
