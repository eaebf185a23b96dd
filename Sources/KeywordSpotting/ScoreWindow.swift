/// The last scores of a model's outputs and their means, in a ring that never grows.
struct ScoreWindow: ~Copyable {
    /// [inferences, outputs], and what they sum up to.
    private let scores: UnsafeMutableBufferPointer<Int32>
    private let sums: UnsafeMutableBufferPointer<Int32>
    private var next = 0
    private var left = 0

    init(_ inferences: Int, outputs: Int) {
        scores = .allocate(capacity: inferences * outputs)
        sums = .allocate(capacity: outputs)
        reset()
    }

    deinit {
        scores.deallocate()
        sums.deallocate()
    }

    /// Scores of one more inference, as a quantised tensor holds them.
    mutating func append(_ score: (_ output: Int) -> Int32) {
        for i in 0..<sums.count {
            let new = score(i)
            sums[i] += new - scores[next + i]
            scores[next + i] = new
        }
        next += sums.count
        if next == scores.count { next = 0 }
        if left > 0 { left -= 1 }
    }

    /// Of an output's scores; 0 until as many inferences as the window has have come.
    func mean(_ output: Int, scale: Double) -> Double {
        left > 0 ? 0 : Double(sums[output]) * scale / Double(scores.count / sums.count)
    }

    /// The output with the largest mean, the first of several.
    var largest: Int {
        var largest = 0
        for i in 1..<max(sums.count, 1) where sums[i] > sums[largest] { largest = i }
        return largest
    }

    mutating func reset() {
        scores.update(repeating: 0)
        sums.update(repeating: 0)
        next = 0
        left = scores.count / sums.count
    }
}
