import Dataset
import KeywordSpotting
import Support

/// Words said into a stream of sound: which are heard, missed, or taken for others.
public struct Misses: Sendable {
    /// A word with noise before, behind and under it.
    struct Utterance: Sendable {
        /// Number among the classes' words.
        var word: Int
        /// Samples in which it counts as heard.
        var due: Range<Int>
        /// The sample that ends the word: of the clip, what follows is as soft as its room.
        var end: Int
        var track: ScoreTrack
    }

    let utterances: [Utterance]
    let words: [String]
    /// dB; nil: in a quiet room.
    public let snr: Double?

    /// Noise around a word, s: before it so long that all of `TalkBefore` is noise. And the time after its clip in which it may
    /// still be heard.
    static let before = 4.0, after = 1.0, late = 0.7
    /// What noise a quiet room has, dB below the word.
    static let quiet = 40.0

    /// Of one word, or of all.
    public struct Count: Codable, Sendable, Equatable {
        public var word: String
        public var said = 0
        public var heard = 0
        /// Times that another word was heard, instead or besides.
        public var confused = 0

        public var missRate: Double? { share(said - heard, of: said) }
    }

    /// The words of the split in `bank`: people's, and synthetic ones of words that nobody said.
    public init(
        _ manifest: Manifest, _ bank: SoundBank, split: Split, snr: Double?, seed: UInt64 = 1, threads: Int = 2,
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) throws(Failure) {
        let words = manifest.words.map(\.identifier)
        let members = bank.clips.indices.filter { bank.clips[$0].split == split }
        let spoken = Set(members.filter { bank.clips[$0].kind == .real }.map { bank.clips[$0].word })
        let clips = members.filter { i in
            let clip = bank.clips[i]
            return clip.kind.isWord && words.contains(clip.word) && (clip.kind == .real || !spoken.contains(clip.word))
        }
        let noises = members.filter { bank.clips[$0].kind == .noise }
        utterances = try inParallel(clips.count, threads: threads, progress: progress) { () throws(Failure) in
            try Ear(manifest)
        } _: { ear, i in
            let clip = bank.sounds[clips[i]], start = Int(Self.before * Double(Sound.rate))
            var sound = [Int16](repeating: 0, count: start) + clip + [Int16](repeating: 0, count: Int(Self.after * Double(Sound.rate)))
            if !noises.isEmpty {
                // The stretch that the clip's example has, whatever its level.
                var generator = Generator(seed, 0, clips[i])
                let noise = bank.sounds[noises[generator.index(noises.count)]]
                sound = Sound.mix(sound, noise, snr: snr ?? Self.quiet, seed: generator.next(), level: bank.loudness[clips[i]].level)
            }
            ear.hear(sound)
            return Utterance(
                word: words.firstIndex(of: bank.clips[clips[i]].word)!, due: start..<start + clip.count + Int(Self.late * Double(Sound.rate)),
                end: start + bank.loudness[clips[i]].extent.upperBound, track: ear.finish())
        }
        self.words = words
        self.snr = snr
    }

    init(utterances: [Utterance], words: [String], snr: Double? = nil) {
        self.utterances = utterances
        self.words = words
        self.snr = snr
    }

    /// Of each word, with a cutoff for each.
    public func counts(cutoffs: [Double]) -> [Count] {
        var counts = words.map { Count(word: $0) }
        for utterance in utterances {
            let heard = utterance.track.detections(cutoffs: cutoffs).filter { utterance.due.contains($0.sample) }
            counts[utterance.word].said += 1
            if heard.contains(where: { $0.word == utterance.word }) { counts[utterance.word].heard += 1 }
            if heard.contains(where: { $0.word != utterance.word }) { counts[utterance.word].confused += 1 }
        }
        return counts
    }

    /// The median time from the end of a word to its being heard, s; nil where none is.
    public func delay(cutoffs: [Double]) -> Double? {
        let delays = utterances.compactMap { utterance in
            utterance.track.detections(cutoffs: cutoffs).first { utterance.due.contains($0.sample) && $0.word == utterance.word }
                .map { Double($0.sample - utterance.end) / Double(Sound.rate) }
        }.sorted()
        return delays.isEmpty ? nil : delays[delays.count / 2]
    }

    /// Of all words; nil without any.
    public func rate(cutoffs: [Double]) -> Double? {
        let counts = counts(cutoffs: cutoffs)
        return share(counts.reduce(0) { $0 + $1.said - $1.heard }, of: counts.reduce(0) { $0 + $1.said })
    }
}
