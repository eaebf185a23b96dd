import AudioFrontend
import Dataset
import KeywordSpotting
import Support

/// The smoothed scores of a sound, written down: every cutoff's decisions follow from them.
public struct ScoreTrack: Sendable {
    public let manifest: Manifest
    /// [inferences, classes]
    public let means: [Double]
    /// Frames of the first inference, and from one to the next.
    public let first: Int, hop: Int

    /// A word that was heard: its number among the manifest's, and the sample at whose arrival.
    public struct Detection: Sendable, Equatable {
        public var word: Int
        public var sample: Int
        public var score: Double
    }

    public init(_ manifest: Manifest, means: [Double], first: Int, hop: Int) {
        self.manifest = manifest
        self.means = means
        self.first = first
        self.hop = hop
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
                if let word = decision(after: hop, largest: largest(row), mean: { row[$0] }) {
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
