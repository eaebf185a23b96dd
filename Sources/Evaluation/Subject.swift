import Dataset
import KeywordSpotting
import Support

/// A model to be judged.
public struct Subject: Sendable {
    public var name: String
    public var path: String
    public var bytes: Int
    public var classes: [String]
    public var features: Features.Settings
    /// How `katydid listen` hears with it; nil: judged by clips only.
    public var manifest: Manifest?
    /// One for each thread that judges.
    public var makeScorer: @Sendable () throws(Failure) -> any Scorer

    public init(
        name: String, path: String, bytes: Int, classes: [String], features: Features.Settings, manifest: Manifest? = nil,
        makeScorer: @escaping @Sendable () throws(Failure) -> any Scorer
    ) {
        self.name = name
        self.path = path
        self.bytes = bytes
        self.classes = classes
        self.features = features
        self.manifest = manifest
        self.makeScorer = makeScorer
    }

    public var words: [String] { classes.words.map { classes[$0] } }
}
