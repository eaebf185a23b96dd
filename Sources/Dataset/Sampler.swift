import CLinux
import Dispatch
import Support
import Synchronization

/// Examples to learn from, epoch by epoch: which recording, how it is varied, and its features.
///
/// Example `index` of `epoch` is the same whenever, and on whichever thread, it is made.
public final class Sampler: Sendable {
    /// What an epoch is made of, as parts of a whole; kinds of which there is nothing are shared out among the others.
    public struct Shares: Codable, Sendable, Equatable {
        /// The words asked for, said by programs and by people. Other words are said by each in the same proportion.
        public var synthetic = 0.25, real = 0.20
        /// Other words, and windows of running speech: of people and programs as words are.
        public var otherWords = 0.15, speech = 0.30
        /// Windows of running speech in which only a teacher knows what is said. Without one there are none.
        public var unlabelled = 0.0
        public var noise = 0.10
        /// Halves of the words, and halves of two words together: not words, as one who listens hop by hop meets them.
        public var fragments = 0.0

        public init() {}
    }

    public struct Settings: Codable, Sendable, Equatable {
        public var shares = Shares()
        public var augmentation = Augmentation()
        public var features = Features.Settings()
        public var seed = 1

        public init() {}
    }

    /// A stretch of a recording that a teacher can be asked about: a word's clip, or one of the windows, every half second,
    /// of running speech. Its number in `sources` is the same as long as the corpus is.
    public struct Source: Sendable {
        /// In the bank.
        public let clip: Int
        /// The sample that a window begins with; of clips, such that the word lies in the middle. May be negative.
        public let start: Int
        /// −1: a teacher is to say.
        public let label: Int32
    }

    /// As labels number them.
    public let classes: [String]
    public let settings: Settings
    public let bank: SoundBank
    public let sources: [Source]

    static let grid = Sound.rate / 2

    /// Sources by what is drawn first. `words` go class by class.
    struct Pool: Sendable {
        var real: [[Int]] = [], synthetic: [[Int]] = []
        var realOthers = Others(), syntheticOthers = Others()
        var realSpeech: [Int] = [], syntheticSpeech: [Int] = [], unlabelled: [Int] = []
        /// Clips of the bank, by what they are called.
        var noise: [[Int]] = []
        var speechClips: [Int] = []
        var mined: [Int] = []
    }
    /// Sources of words that are not asked for, by what they are called.
    struct Others: Sendable {
        var words: [[Int]] = []
        /// So that a word of nine clips isn't heard as often as one of nine hundred, nor a hundredth as often. A mixture,
        /// `_unknown_`, counts as a word for each of its clips: it holds most of the variety.
        var weights: [Double] = []

        init() {}

        init(_ sources: [String: [Int]]) {
            // Dictionaries have no order that lasts.
            let names = sources.keys.sorted()
            words = names.map { sources[$0]! }
            weights = zip(names, words).map { name, clips in name.hasPrefix("_") ? Double(clips.count) : Double(clips.count).squareRoot() }
        }
    }
    let pool: Pool
    let kinds: [(kind: Kind, share: Double)]
    public let silence: Int32?
    public let unknown: Int32?
    let rooms: Rooms?
    private let workspaces = Mutex([Workspace]())

    enum Kind: Sendable {
        case word, otherWord, speech, unlabelled, noise, fragment, mined

        /// Windows of something longer: what was said before is there.
        var isRunning: Bool { self == .speech || self == .unlabelled || self == .mined }
    }

    /// `classes`: `_silence_` and `_unknown_`, where wanted, and words; all other words are unknown. Throws `Failure` where a word
    /// has no clip in the bank, and for settings that make no sense.
    public init(_ bank: SoundBank, classes: [String], settings: Settings = Settings()) throws(Failure) {
        self.bank = bank
        self.classes = classes
        self.settings = settings
        _ = try Features(settings.features)
        let index = Dictionary(classes.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
        let unknown = index["_unknown_"], silence = index["_silence_"] ?? unknown
        self.unknown = unknown
        self.silence = silence

        var sources: [Source] = []
        var pool = Pool()
        pool.real = Array(repeating: [], count: classes.count)
        pool.synthetic = pool.real
        var realOthers: [String: [Int]] = [:], syntheticOthers: [String: [Int]] = [:], noise: [String: [Int]] = [:]
        let samples = settings.features.samples
        for (i, clip) in bank.clips.enumerated() {
            let count = bank.sounds[i].count
            let centred = (count - samples) / 2
            switch clip.kind {
            case .noise: noise[clip.word, default: []].append(i)
            case .speech, .unlabelled:
                pool.speechClips.append(i)
                let isLabelled = clip.kind == .speech
                guard let unknown, isLabelled || settings.shares.unlabelled > 0 else { continue }
                let faint = bank.loudness[i].level / 30
                for start in stride(from: 0, through: max(count - samples, 0), by: Self.grid) {
                    // A pause is no word, and no unknown one either.
                    guard bank.sounds[i][start..<min(start + samples, count)].contains(where: { Float($0) > faint }) else { continue }
                    if !isLabelled {
                        pool.unlabelled.append(sources.count)
                    } else if clip.isSynthetic {
                        pool.syntheticSpeech.append(sources.count)
                    } else {
                        pool.realSpeech.append(sources.count)
                    }
                    sources.append(Source(clip: i, start: start, label: isLabelled ? unknown : -1))
                }
            case .real, .synthetic:
                if let label = index[clip.word], clip.word.first != "_" {
                    if clip.kind == .real { pool.real[Int(label)].append(sources.count) } else { pool.synthetic[Int(label)].append(sources.count) }
                    sources.append(Source(clip: i, start: centred, label: label))
                } else if let unknown {
                    if clip.kind == .real {
                        realOthers[clip.word, default: []].append(sources.count)
                    } else {
                        syntheticOthers[clip.word, default: []].append(sources.count)
                    }
                    sources.append(Source(clip: i, start: centred, label: unknown))
                }
            }
        }
        for (label, word) in classes.enumerated() where word.first != "_" && pool.real[label].isEmpty && pool.synthetic[label].isEmpty {
            throw Failure(.noInput, "the word \(word)", "no recording of it can be used", "record some: katydid-forge record \(word), or synth \(word)")
        }
        pool.realOthers = Others(realOthers)
        pool.syntheticOthers = Others(syntheticOthers)
        pool.noise = noise.keys.sorted().map { noise[$0]! }
        self.pool = pool
        self.sources = sources

        let shares = settings.shares
        let hasWords = classes.contains { $0.first != "_" }
        kinds = [
            (.word, hasWords ? shares.real + shares.synthetic : 0),
            (.otherWord, realOthers.isEmpty && syntheticOthers.isEmpty ? 0 : shares.otherWords),
            (.speech, pool.realSpeech.isEmpty && pool.syntheticSpeech.isEmpty ? 0 : shares.speech),
            (.unlabelled, pool.unlabelled.isEmpty ? 0 : shares.unlabelled),
            (.noise, silence == nil ? 0 : shares.noise),
            (.fragment, unknown == nil || !hasWords ? 0 : shares.fragments),
        ]
        let all = [shares.real, shares.synthetic, shares.otherWords, shares.speech, shares.unlabelled, shares.noise, shares.fragments]
        guard all.allSatisfy({ $0 >= 0 && $0.isFinite }),
            kinds.contains(where: { $0.share > 0 })
        else { throw Failure(.configuration, "the shares", "must not be negative, and some of them more than 0", "see the recipe's shares") }
        let a = settings.augmentation
        guard a.rt60Low > 0, a.rt60High >= a.rt60Low, a.rt60High <= 2, a.speed >= 0, a.speed <= 0.5, a.tempo >= 0, a.tempo <= 0.5,
            a.leadInLongest >= 0, a.leadInLongest <= 10,
            a.bandLow > 0, a.bandHigh >= a.bandLow, a.bandHigh < Double(Sound.rate) / 2,
            a.timeMasks >= 0, a.timeMaskFrames >= 0, a.frequencyMasks >= 0, a.frequencyMaskChannels >= 0
        else { throw Failure(.configuration, "the augmentation", "speed and tempo reach to 0.5, reverberation from 0 to 2 s, lead-in to 10 s, bands above 0 and below 8,000 Hz", "see the recipe's augmentation") }
        rooms = a.reverberation > 0 ? Rooms(rt60: a.rt60Low...a.rt60High, seed: UInt64(truncatingIfNeeded: settings.seed)) : nil
    }

    /// The same, and besides, as `share` of the whole, windows of running sound that were taken for a word: `mined` behind the other
    /// sources, as what they are.
    public init(_ other: Sampler, mined: [(clip: Int, start: Int)], share: Double) {
        bank = other.bank
        classes = other.classes
        settings = other.settings
        silence = other.silence
        unknown = other.unknown
        rooms = other.rooms
        var pool = other.pool, sources = other.sources
        for window in mined {
            guard let label = bank.clips[window.clip].kind == .noise ? other.silence : other.unknown else { continue }
            pool.mined.append(sources.count)
            sources.append(Source(clip: window.clip, start: window.start, label: label))
        }
        self.pool = pool
        self.sources = sources
        kinds = other.kinds + [(.mined, pool.mined.isEmpty ? 0 : share)]
    }

    /// Makes the examples `range` of an epoch: `features` [n, frames, 40], `labels` [n], and, where wanted, the number of
    /// each one's source, −1 where nothing is to be asked of a teacher, and its sound [n, samples] without the lead-in.
    public func fill(
        epoch: Int, _ range: Range<Int>, features: UnsafeMutableBufferPointer<Float>, labels: UnsafeMutableBufferPointer<Int32>,
        sources: UnsafeMutableBufferPointer<Int32>? = nil, sounds: UnsafeMutableBufferPointer<Int16>? = nil, threads: Int = 1
    ) {
        let count = settings.features.count, samples = settings.features.samples
        precondition(features.count >= range.count * count && labels.count >= range.count)
        precondition(sources.map { $0.count >= range.count } ?? true)
        precondition(sounds.map { $0.count >= range.count * samples } ?? true)
        nonisolated(unsafe) let features = features
        nonisolated(unsafe) let labels = labels
        nonisolated(unsafe) let sources = sources
        nonisolated(unsafe) let sounds = sounds
        let next = Atomic(range.lowerBound)
        let work: @Sendable () -> Void = {
            let mode = linux_flush_denormals()
            defer { linux_restore_denormals(mode) }
            let workspace = self.workspaces.withLock { $0.popLast() } ?? Workspace(self.settings)
            while true {
                let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard i < range.upperBound else { break }
                let at = i - range.lowerBound
                let made = self.make(
                    epoch: epoch, index: i, in: workspace, features: features.baseAddress! + at * count)
                labels[at] = made.label
                sources?[at] = made.source
                if let sounds { (sounds.baseAddress! + at * samples).update(from: workspace.window, count: samples) }
            }
            self.workspaces.withLock { $0.append(workspace) }
        }
        if threads <= 1 { work() } else { DispatchQueue.concurrentPerform(iterations: threads) { _ in work() } }
    }

    /// A source's sound as it was recorded, one window long or the `samples` in its middle, zeros where it has none. With `peak`, its
    /// recording's loudest sample is put there: some teachers want 0.7 of full scale.
    public func sound(of source: Int, samples: Int? = nil, peak: Float? = nil) -> [Int16] {
        let source = sources[source], sound = bank.sounds[source.clip]
        let gain = peak.map { $0 * 32767 / bank.loudness[source.clip].peak } ?? 1
        let window = settings.features.samples, samples = samples ?? window
        return (0..<samples).map { i in
            let at = source.start + (window - samples) / 2 + i
            return sound.indices.contains(at) ? Sound.sample(Float(sound[at]) * gain) : 0
        }
    }
}
