/// How often values fall where. The bins grow with what comes: they halve in number and double in width.
struct Histogram {
    private static let half = 2048
    /// Bins from −reach to reach, which is a power of two.
    private(set) var counts = [Double](repeating: 0, count: 2 * half)
    private(set) var reach: Float = 0x1p-10
    private(set) var total = 0.0

    var width: Float { reach / Float(Self.half) }
    func center(_ bin: Int) -> Float { (Float(bin - Self.half) + 0.5) * width }

    mutating func add(_ values: [Float], largest: Float) {
        guard largest.isFinite else { return }
        while largest > reach { double() }
        let perBin = 1 / width, half = Float(Self.half)
        counts.withUnsafeMutableBufferPointer { counts in
            for x in values { counts[Swift.min(Int(x * perBin + half), 2 * Self.half - 1)] += 1 }
        }
        total += Double(values.count)
    }

    private mutating func double() {
        var merged = [Double](repeating: 0, count: counts.count)
        for (bin, n) in counts.enumerated() { merged[(bin + Self.half) / 2] += n }
        counts = merged
        reach *= 2
    }

    /// The range that leaves out `fraction` of the values at either end.
    func percentile(_ fraction: Double) -> Range {
        func edge(_ bins: some Sequence<Int>) -> Int {
            var seen = 0.0, last = Self.half
            for bin in bins {
                last = bin
                seen += counts[bin]
                if seen > fraction * total { break }
            }
            return last
        }
        return Range(center(edge(counts.indices)) - width / 2, center(edge(counts.indices.reversed())) + width / 2)
    }

    /// The range within `range` with the least mean square error of int8: its ends are moved in turn.
    func leastSquares(_ range: Range) -> Range {
        var best = range, least = error(Graph.Quantization(int8: range))
        for pass in 0..<4 {
            for step in 0...80 {
                let factor = 1 - Float(step) / 100
                let candidate = pass % 2 == 0 ? Range(best.min, range.max * factor) : Range(range.min * factor, best.max)
                let error = self.error(Graph.Quantization(int8: candidate))
                if error < least { (best, least) = (candidate, error) }
            }
        }
        return best
    }

    private func error(_ q: Graph.Quantization) -> Double {
        let range = q.int8Range
        // Inside, the error is uniform within a step; a bin's centre says nothing of it where steps are finer than bins.
        let inside = Double(q.scales[0] * q.scales[0]) / 12
        var sum = 0.0
        for (bin, n) in counts.enumerated() where n > 0 {
            let x = center(bin), over = x > range.max ? x - range.max : x < range.min ? range.min - x : 0
            sum += n * (over > 0 ? Double(over * over) : inside)
        }
        return sum
    }
}
