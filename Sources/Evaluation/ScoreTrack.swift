import AudioFrontend
import Dataset
import Support

/// The smoothed scores of a sound, from which any cutoff's decisions follow.
public struct ScoreTrack: Sendable {
    public let classes: [String]
    /// [inferences, classes]: the means of the last scores, 0 until there are enough.
    public private(set) var means: [Double]
    /// Samples at whose arrival the first inference ran, and from one to the next.
    public let first: Int, interval: Int
    /// Frames from one inference to the next, and of the refractory second.
    public let hop: Int, refractory: Int

    /// A word that was heard: its number among the classes' words, and the sample at whose arrival.
    public struct Detection: Sendable, Equatable {
        public var word: Int
        public var sample: Int
        public var score: Double
    }

    public init(classes: [String], means: [Double], first: Int, interval: Int, hop: Int, refractory: Int) {
        self.classes = classes
        self.means = means
        self.first = first
        self.interval = interval
        self.hop = hop
        self.refractory = refractory
    }

    /// What `katydid listen` would have heard with one cutoff for each word.
    public func detections(cutoffs: [Double]) -> [Detection] {
        let width = classes.count, words = classes.words
        var decision = Decision(outputs: words, cutoffs: cutoffs, refractory: refractory)
        var list: [Detection] = []
        means.withUnsafeBufferPointer { means in
            for i in 0..<means.count / width {
                let row = means[i * width..<(i + 1) * width]
                if let word = decision.decide(after: hop, largest: largest(row), mean: { row[row.startIndex + $0] }) {
                    list.append(Detection(word: word, sample: first + i * interval, score: row[row.startIndex + words[word]]))
                }
            }
        }
        return list
    }

    public func detections(cutoff: Double) -> [Detection] { detections(cutoffs: classes.words.map { _ in cutoff }) }
}
