import Support

/// Clips to judge by: one window each as Speech Commands cuts it (the middle of long ones, zeros behind short ones),
/// not varied, in the corpus' order, each heard by a front-end as new.
public struct EvaluationSet: Sendable {
    public let classes: [String]
    public let settings: Features.Settings
    /// [n, frames, 40]
    public let features: [Float]
    public let labels: [Int32]
    /// In the bank: whose word and speaker it is.
    public let clips: [Int]
    public var count: Int { labels.count }

    /// Real words of the split, or synthetic ones of a word that nobody said; others are unknown where there is such a class.
    /// Where there is `_silence_`, as many windows of noise as a word has clips on average. With `snr`, noise of the same split
    /// is mixed in, in dB, from `seed`.
    public init(
        _ bank: SoundBank, classes: [String], split: Split, settings: Features.Settings = Features.Settings(), snr: Double? = nil, seed: UInt64 = 1
    ) throws(Failure) {
        let index = Dictionary(classes.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
        let members = bank.clips.indices.filter { bank.clips[$0].split == split }
        let spoken = Set(members.filter { bank.clips[$0].kind == .real }.map { bank.clips[$0].word })
        let noises = members.filter { bank.clips[$0].kind == .noise }
        var features = try Features(settings)
        var all: [Float] = [], labels: [Int32] = [], clips: [Int] = []

        func take(_ sound: [Int16], _ label: Int32, _ clip: Int) {
            all += features(sound)
            labels.append(label)
            clips.append(clip)
        }
        var words = 0
        for i in members where bank.clips[i].kind.isWord {
            let clip = bank.clips[i]
            guard clip.kind == .real || !spoken.contains(clip.word) else { continue }
            let isAsked = clip.word.first != "_" && index[clip.word] != nil
            guard let label = isAsked ? index[clip.word] : index["_unknown_"] else { continue }
            if isAsked { words += 1 }
            var sound = Self.window(bank.sounds[i], settings.samples)
            if let snr, !noises.isEmpty {
                var generator = Generator(seed, 0, i)
                sound = Sound.mix(sound, bank.sounds[noises[generator.index(noises.count)]], snr: snr, seed: generator.next())
            }
            take(sound, label, i)
        }
        if let silence = index["_silence_"], !noises.isEmpty {
            let asked = classes.count { $0.first != "_" }
            for k in 0..<(words / max(asked, 1)) {
                var generator = Generator(seed, 1, k)
                let i = noises[k % noises.count], sound = bank.sounds[i]
                let start = generator.index(max(sound.count - settings.samples, 0) + 1)
                // As loud as it was, or softer: as Speech Commands' own silence.
                let gain = Float(generator.unit())
                take(Self.window(sound[start..<min(start + settings.samples, sound.count)].map { Sound.sample(Float($0) * gain) }, settings.samples), silence, i)
            }
        }
        self.classes = classes
        self.settings = settings
        self.features = all
        self.labels = labels
        self.clips = clips
    }

    /// The middle of a long clip, zeros behind one of less than a second, and as many before as behind in windows that are longer: words are
    /// learnt in their middle.
    public static func window(_ sound: [Int16], _ samples: Int) -> [Int16] {
        let count = max(sound.count, min(samples, Sound.rate)), start = (count - samples) / 2
        return (start..<(start + samples)).map { sound.indices.contains($0) ? sound[$0] : 0 }
    }
}
