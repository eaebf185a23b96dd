import Dataset
import Support

/// A model to be judged.
public struct Subject: Sendable {
    public var name: String
    public var path: String
    public var bytes: Int
    public var classes: [String]
    public var features: Features.Settings
    /// nil: judged by clips only.
    public var listening: Listening?
    /// One for each thread that judges.
    public var makeScorer: @Sendable () throws(Failure) -> any Scorer

    /// How `katydid listen` hears with it: its manifest.
    public struct Listening: Codable, Sendable, Equatable {
        /// Frames from one inference to the next.
        public var hop: Int
        /// Inferences whose scores are averaged.
        public var window: Int
        /// Of each word, in order of the classes: what its mean must exceed.
        public var cutoffs: [Double]

        public init(hop: Int, window: Int, cutoffs: [Double]) {
            self.hop = hop
            self.window = window
            self.cutoffs = cutoffs
        }
    }

    public init(
        name: String, path: String, bytes: Int, classes: [String], features: Features.Settings, listening: Listening?,
        makeScorer: @escaping @Sendable () throws(Failure) -> any Scorer
    ) {
        self.name = name
        self.path = path
        self.bytes = bytes
        self.classes = classes
        self.features = features
        self.listening = listening
        self.makeScorer = makeScorer
    }

    public var words: [String] { classes.words.map { classes[$0] } }
}
