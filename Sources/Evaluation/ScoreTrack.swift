import AudioFrontend
import Dataset
import KeywordSpotting
import Support

/// The smoothed scores of a sound, written down: every cutoff's decisions follow from them.
public struct ScoreTrack: Sendable {
    public let manifest: Manifest
    /// [inferences, classes]
    public let means: [Double]
    /// [inferences]: how much was said before each.
    public let talk: [Double]
    /// Frames of the first inference, and from one to the next.
    public let first: Int, hop: Int

    /// A word that was heard: its number among the manifest's, and the sample at whose arrival.
    public struct Detection: Sendable, Equatable {
        public var word: Int
        public var sample: Int
        public var score: Double
    }

    public init(_ manifest: Manifest, means: [Double], talk: [Double], first: Int, hop: Int) {
        self.manifest = manifest
        self.means = means
        self.talk = talk
        self.first = first
        self.hop = hop
    }

    /// A track of single scores as one that averages the last `window` of them, 0 until there are so many, and gives talk another
    /// weight.
    public func averaged(_ window: Int, talkWeight: Double) -> ScoreTrack {
        let width = manifest.outputs
        var averaged = [Double](repeating: 0, count: means.count), sums = [Double](repeating: 0, count: width)
        means.withUnsafeBufferPointer { scores in
            for i in 0..<scores.count / width {
                for c in 0..<width {
                    sums[c] += scores[i * width + c] - (i >= window ? scores[(i - window) * width + c] : 0)
                    if i >= window - 1 { averaged[i * width + c] = sums[c] / Double(window) }
                }
            }
        }
        var manifest = manifest
        manifest.talkWeight = talkWeight
        return ScoreTrack(manifest, means: averaged, talk: talk, first: first, hop: hop)
    }

    /// What `katydid listen` would have heard with one cutoff for each word.
    public func detections(cutoffs: [Double]) -> [Detection] {
        var manifest = manifest
        for (i, cutoff) in cutoffs.enumerated() { manifest.words[i].cutoff = cutoff }
        var decision = Decision(manifest)
        let width = manifest.outputs
        var list: [Detection] = []
        means.withUnsafeBufferPointer { means in
            for i in 0..<means.count / width {
                let row = UnsafeBufferPointer(rebasing: means[i * width..<(i + 1) * width])
                if let word = decision(after: hop, largest: largest(row), talk: talk[i], mean: { row[$0] }) {
                    list.append(Detection(word: word, sample: sample(ofInference: i), score: row[manifest.words[word].output]))
                }
            }
        }
        return list
    }

    public func detections(cutoff: Double) -> [Detection] { detections(cutoffs: manifest.words.map { _ in cutoff }) }

    private func sample(ofInference i: Int) -> Int {
        Int(MicroFrontend.windowSamples) + (first - 1 + i * hop) * manifest.stepMilliseconds * Sound.rate / 1000
    }
}
