/// How much was said before: the mean of what a model gave `_unknown_` for some two seconds, which ended before the word that its last
/// scores may be of. Whoever means a command pauses before it; what sounds like one in the middle of talk is none.
struct TalkBefore: ~Copyable {
    /// How long ago it ended, and how long it is, ms.
    static let gap = 1120, span = 1920

    /// The last scores, in a ring.
    private let scores: UnsafeMutableBufferPointer<Int32>
    private let gap: Int
    private var next = 0
    private var count = 0
    private var sum: Int32 = 0

    /// `period`: from one inference to the next, ms.
    init(period: Int) {
        gap = max(Self.gap / period, 1)
        scores = .allocate(capacity: gap + max(Self.span / period, 1))
        scores.update(repeating: 0)
    }

    deinit { scores.deallocate() }

    /// One more score, as a quantised tensor holds it.
    mutating func append(_ score: Int32) {
        sum -= scores[next]
        scores[next] = score
        let entering = next < gap ? next + scores.count - gap : next - gap
        if count >= gap { sum += scores[entering] }
        count = min(count + 1, scores.count)
        next = next + 1 == scores.count ? 0 : next + 1
    }

    /// 0…1; 0 where nothing was heard yet.
    func mean(scale: Double) -> Double { count > gap ? Double(sum) * scale / Double(count - gap) : 0 }

    mutating func reset() {
        scores.update(repeating: 0)
        next = 0
        count = 0
        sum = 0
    }
}
