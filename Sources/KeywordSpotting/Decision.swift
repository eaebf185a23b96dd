/// When smoothed scores mean that a word was said: a rule of its own, so that recorded scores can be judged by it too.
///
/// A word is heard when its mean exceeds its cutoff, which is higher amid talk, and is the largest of all classes'. Nothing more is heard for the
/// refractory time, and that word not before its mean was at the cutoff or below after that.
public struct Decision {
    private let words: [Word]
    private let talkWeight: Double
    /// For each word, whether it has been silent since it was heard.
    private var isArmed: [Bool]
    /// Frames that must pass after a word was heard.
    private let refractory: Int
    private var quiet = 0

    /// For the words of `manifest` and their cutoffs. `refractory`: ms.
    public init(_ manifest: Manifest, refractory: Int = 1000) {
        words = manifest.words
        talkWeight = manifest.talkWeight
        isArmed = [Bool](repeating: true, count: words.count)
        self.refractory = max(refractory / manifest.stepMilliseconds, 0)
    }

    /// Decides `frames` after the last time, by the outputs' means, 0…1, which of them is the largest, and how much was said
    /// before, 0…1. Returns the word that was heard just now, as an index into the manifest's.
    public mutating func callAsFunction(after frames: Int, largest: Int, talk: Double, mean: (_ output: Int) -> Double) -> Int? {
        quiet = max(quiet - frames, 0)
        let raised = talkWeight * talk
        var heard: Int?
        for i in isArmed.indices {
            if mean(words[i].output) <= words[i].cutoff + raised {
                if quiet == 0 { isArmed[i] = true }
            } else if isArmed[i] && quiet == 0 && words[i].output == largest {
                heard = i
            }
        }
        if let heard {
            isArmed[heard] = false
            quiet = refractory
        }
        return heard
    }

    /// Forgets what was heard: as new.
    public mutating func reset() {
        quiet = 0
        for i in isArmed.indices { isArmed[i] = true }
    }
}
