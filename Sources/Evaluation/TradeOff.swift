/// Misses against false accepts over cutoffs: the points of a detection error trade-off curve (A. Martin et al.: The DET curve in
/// assessment of detection task performance, 1997), with accepts counted by the hour.
public struct TradeOff: Codable, Sendable, Equatable {
    public struct Point: Codable, Sendable, Equatable {
        public var cutoff: Double
        public var falseAcceptsPerHour: Double
        /// 0…1, of words said in a quiet room and in noise.
        public var missedClean: Double
        public var missedInNoise: Double
    }

    /// Rising cutoffs.
    public var points: [Point]

    /// INT8 scores have 256 levels: above 0.996 nothing can be.
    static let cutoffs = (20...99).map { Double($0) / 100 } + [0.992, 0.994]

    public init(points: [Point]) { self.points = points }

    /// nil where no words are said.
    init?(_ accepts: FalseAccepts, clean: Misses, noisy: Misses, cutoffs: [Double] = cutoffs) {
        points = []
        for cutoff in cutoffs {
            let all = accepts.words.map { _ in cutoff }
            guard let missedClean = clean.rate(cutoffs: all), let missedInNoise = noisy.rate(cutoffs: all) else { return nil }
            points.append(Point(
                cutoff: cutoff, falseAcceptsPerHour: accepts.perHour(cutoff: cutoff), missedClean: missedClean, missedInNoise: missedInNoise))
        }
    }

    /// The cutoff that misses the fewest words in noise with at most `limit` false accepts an hour: of several, that with the
    /// fewest in quiet, then with the fewest false accepts, then the highest. nil where none keeps to it.
    public func best(limit: Double = 1) -> Point? {
        points.filter { $0.falseAcceptsPerHour <= limit }.min {
            ($0.missedInNoise, $0.missedClean, $0.falseAcceptsPerHour, $1.cutoff) < ($1.missedInNoise, $1.missedClean, $1.falseAcceptsPerHour, $0.cutoff)
        }
    }
}
