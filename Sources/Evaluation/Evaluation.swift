import KeywordSpotting

/// All that was found out about some models: what reports are made of.
public struct Evaluation: Codable, Sendable {
    public var split: String
    /// Recordings without words that were listened to, h; 0: none.
    public var hours: Double
    public var models: [Result]
    /// What one should know of the data.
    public var remarks: [String]

    /// Of one model.
    public struct Result: Codable, Sendable {
        public var name: String, path: String
        public var bytes: Int
        public var classes: [String]
        /// By clips: in quiet first, then with more and more noise.
        public var clips: [ClipResult]
        /// By streams; nil where nothing says how the model listens.
        public var listening: ListeningResult?
    }

    /// By windows of a second that hold a word each.
    public struct ClipResult: Codable, Sendable {
        /// dB; nil: as recorded.
        public var snr: Double?
        public var accuracy: Double
        public var meanRecall: Double?
        public var words: [WordResult]
        public var confusion: Confusion
    }

    /// Of one class; nil without clips of it, or taken for it.
    public struct WordResult: Codable, Sendable {
        public var word: String
        public var clips: Int
        public var recall: Double?, precision: Double?
    }

    /// By streams, as `katydid listen` decides.
    public struct ListeningResult: Codable, Sendable {
        /// Frames from one inference to the next, and inferences whose scores are averaged.
        public var hop: Int, window: Int
        /// Of each word, in order: what its mean must exceed.
        public var cutoffs: [Double]
        public var hours: Double
        public var falseAcceptsPerHour: Double
        public var falseAccepts: [FalseAccepts.Accept]
        public var words: [WordAccepts]
        public var groups: [GroupAccepts]
        /// In quiet first.
        public var misses: [MissResult]
        public var tradeOff: TradeOff?
        /// The cutoff to take for at most one false accept an hour; nil: there is none.
        public var suggestion: TradeOff.Point?
    }

    public struct WordAccepts: Codable, Sendable {
        public var word: String
        public var accepts: Int
    }

    public struct GroupAccepts: Codable, Sendable {
        public var name: String
        public var hours: Double
        public var accepts: Int
    }

    public struct MissResult: Codable, Sendable {
        public var snr: Double?
        public var rate: Double?
        public var words: [Misses.Count]
        /// From a word's end to its being heard, median, s; nil where none is.
        public var delay: Double?
    }

    public init(split: String, hours: Double, models: [Result], remarks: [String]) {
        self.split = split
        self.hours = hours
        self.models = models
        self.remarks = remarks
    }
}

extension Evaluation.ClipResult {
    public init(_ confusion: Confusion, snr: Double?) {
        self.snr = snr
        self.confusion = confusion
        accuracy = confusion.accuracy ?? 0
        meanRecall = confusion.meanRecall
        words = confusion.classes.indices.map {
            Evaluation.WordResult(
                word: confusion.classes[$0], clips: confusion.counts[$0].reduce(0, +), recall: confusion.recall($0), precision: confusion.precision($0))
        }
    }
}

extension Evaluation.ListeningResult {
    public init(_ manifest: Manifest, _ accepts: FalseAccepts, clean: Misses, noisy: Misses) {
        let cutoffs = manifest.words.map(\.cutoff)
        let list = accepts.accepts(cutoffs: cutoffs)
        hop = manifest.hop ?? 0
        window = manifest.window
        self.cutoffs = cutoffs
        hours = accepts.hours
        falseAccepts = list
        falseAcceptsPerHour = Double(list.count) / accepts.hours
        words = accepts.words.map { word in Evaluation.WordAccepts(word: word, accepts: list.count { $0.word == word }) }
        groups = accepts.groups.map { group in
            Evaluation.GroupAccepts(name: group.name, hours: group.seconds / 3600, accepts: list.count { $0.group == group.name })
        }
        misses = [clean, noisy].map {
            Evaluation.MissResult(snr: $0.snr, rate: $0.rate(cutoffs: cutoffs), words: $0.counts(cutoffs: cutoffs), delay: $0.delay(cutoffs: cutoffs))
        }
        tradeOff = TradeOff(accepts, clean: clean, noisy: noisy)
        suggestion = tradeOff?.best()
    }
}
