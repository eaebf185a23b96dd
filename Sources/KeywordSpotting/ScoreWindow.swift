/// The last scores of a model and their mean, in a ring that never grows.
struct ScoreWindow: ~Copyable {
    private let scores: UnsafeMutableBufferPointer<Double>
    private var next = 0
    private var filled = 0

    init(_ count: Int) {
        scores = .allocate(capacity: count)
        scores.initialize(repeating: 0)
    }

    deinit { scores.deallocate() }

    mutating func append(_ score: Double) {
        scores[next] = score
        next = next + 1 == scores.count ? 0 : next + 1
        filled = min(filled + 1, scores.count)
    }

    /// The mean; 0 until as many scores as the window has have come.
    var mean: Double {
        guard filled == scores.count else { return 0 }
        var sum = 0.0
        for score in scores { sum += score }
        return sum / Double(scores.count)
    }

    mutating func reset() {
        next = 0
        filled = 0
    }
}
