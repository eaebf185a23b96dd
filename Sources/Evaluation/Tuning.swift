import KeywordSpotting

/// How a model is best listened with: the window of scores, the weight of talk and the cutoff of each word that miss the fewest words,
/// in quiet and in noise alike, with so many false accepts an hour at most.
///
/// A cutoff above which no word is heard costs nothing and misses all. From there, again and again, the cutoff is lowered that gains the most
/// words for each false accept, as long as the hour's are not used up. Words are taken for independent of each other.
public struct Tuning: Sendable {
    public struct Choice: Sendable, Equatable {
        public var window: Int
        public var talkWeight: Double
        /// Of each word.
        public var cutoffs: [Double]
        public var falseAcceptsPerHour: Double
        public var missedClean: Double, missedInNoise: Double
        /// From a word's end to its being heard, median, s; nil where none is.
        public var delay: Double?
    }

    /// For each window and each weight of talk, in order.
    public let choices: [Choice]

    /// Below 0.45 other classes are likelier together, and what keeps false accepts away is the luck of these recordings.
    static let cutoffs = stride(from: 99, through: 45, by: -1).map { Double($0) / 100 }

    /// Of tracks of single scores (a manifest whose window is 1). nil where no words are said.
    public init?(_ accepts: FalseAccepts, clean: Misses, noisy: Misses, windows: [Int], talkWeights: [Double], limit: Double) {
        var choices: [Choice] = []
        for (window, talkWeight) in windows.flatMap({ window in talkWeights.map { (window, $0) } }) {
            let accepts = accepts.averaged(window, talkWeight: talkWeight)
            let clean = clean.averaged(window, talkWeight: talkWeight), noisy = noisy.averaged(window, talkWeight: talkWeight)
            let cutoffs = Self.lowered(accepts, [clean, noisy], limit: limit)
            guard let missedClean = clean.rate(cutoffs: cutoffs), let missedInNoise = noisy.rate(cutoffs: cutoffs) else { return nil }
            choices.append(Choice(
                window: window, talkWeight: talkWeight, cutoffs: cutoffs, falseAcceptsPerHour: Double(accepts.accepts(cutoffs: cutoffs).count) / accepts.hours,
                missedClean: missedClean, missedInNoise: missedInNoise, delay: clean.delay(cutoffs: cutoffs)))
        }
        self.choices = choices
    }

    /// The fewest misses; of several, the first.
    public var best: Choice { choices.min { $0.missedClean + $0.missedInNoise < $1.missedClean + $1.missedInNoise }! }

    private static func lowered(_ accepts: FalseAccepts, _ said: [Misses], limit: Double) -> [Double] {
        let words = accepts.words.count, none = [Double](repeating: 1, count: words)
        // Of each word alone, at each cutoff: accepts that are false, and words heard.
        let steps = (0..<words).map { word in
            Self.cutoffs.map { cutoff in
                var all = none
                all[word] = cutoff
                return (accepts: accepts.accepts(cutoffs: all).count, heard: said.reduce(0) { $0 + $1.counts(cutoffs: all)[word].heard })
            }
        }
        var at = [Int](repeating: -1, count: words), left = Int(limit * accepts.hours)
        func now(_ word: Int) -> (accepts: Int, heard: Int) { at[word] < 0 ? (0, 0) : steps[word][at[word]] }
        while true {
            var best: (word: Int, step: Int, cost: Int, worth: Double)?
            for word in 0..<words {
                for step in (at[word] + 1)..<Self.cutoffs.count {
                    let cost = steps[word][step].accepts - now(word).accepts, gain = steps[word][step].heard - now(word).heard
                    guard cost <= left, gain > 0 else { continue }
                    let worth = Double(gain) / (Double(max(cost, 0)) + 0.01)
                    if worth > best?.worth ?? 0 { best = (word, step, cost, worth) }
                }
            }
            guard let best else { break }
            at[best.word] = best.step
            left -= best.cost
        }
        return at.map { $0 < 0 ? 1 : Self.cutoffs[$0] }
    }
}

extension FalseAccepts {
    /// Tracks of single scores, averaged.
    public func averaged(_ window: Int, talkWeight: Double) -> FalseAccepts {
        FalseAccepts(heard: heard.map { Heard(parts: $0.parts, track: $0.track.averaged(window, talkWeight: talkWeight)) }, words: words)
    }

    /// Every other stream: what one half suggests can be tried on the other.
    public var halves: (FalseAccepts, FalseAccepts) {
        func half(_ n: Int) -> FalseAccepts { FalseAccepts(heard: heard.indices.filter { $0 % 2 == n }.map { heard[$0] }, words: words) }
        return (half(0), half(1))
    }
}

extension Misses {
    func averaged(_ window: Int, talkWeight: Double) -> Misses {
        Misses(
            utterances: utterances.map {
                Utterance(word: $0.word, due: $0.due, end: $0.end, track: $0.track.averaged(window, talkWeight: talkWeight))
            }, words: words, snr: snr)
    }
}
