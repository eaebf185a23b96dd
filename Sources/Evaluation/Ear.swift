import AudioFrontend
import KeywordSpotting
import Support

/// A model that hears as in `katydid listen`, and whose smoothed scores are written down.
public final class Ear {
    private let spotter: Spotter
    private var frontend: MicroFrontend
    private var means: [Double] = [], talk: [Double] = []

    /// Throws `Failure` for a model that `katydid listen` refuses.
    public init(_ manifest: Manifest) throws(Failure) {
        spotter = try Spotter(manifest)
        frontend = try MicroFrontend(stepMilliseconds: manifest.stepMilliseconds)
    }

    /// 16 kHz mono: what follows what was heard before.
    public func hear(_ sound: [Int16]) {
        sound.withUnsafeBufferPointer { sound in
            var rest = sound
            while frontend.feed(&rest) {
                _ = spotter.hear(frontend.features)
                guard spotter.isFresh else { continue }
                for output in 0..<spotter.manifest.outputs { means.append(spotter.mean(output)) }
                talk.append(spotter.talk)
            }
        }
    }

    /// All that was heard since the last time; it is forgotten then, as new.
    public func finish() -> ScoreTrack {
        let track = ScoreTrack(spotter.manifest, means: means, talk: talk, first: spotter.frames, hop: spotter.hop)
        spotter.reset()
        frontend.reset()
        means = []
        talk = []
        return track
    }
}
