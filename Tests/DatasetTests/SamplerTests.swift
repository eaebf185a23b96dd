import AudioFrontend
import CLinux
import Recordings
import Support
import Testing

@testable import Dataset

struct SamplerTests {
    static let classes = ["_silence_", "_unknown_", "high", "low"]

    /// Words are tones of 0.4 s: high, low and another.
    static func bank() throws -> SoundBank {
        let scratch = Scratch()
        for (i, word) in ["low", "high", "other"].enumerated() {
            for k in 0..<4 {
                try scratch.write("\(word)/s\(k)_0.wav", Tone.silence(0.2) + Tone.sine(Double(400 + 700 * i + 20 * k), 0.4) + Tone.silence(0.2))
            }
            try scratch.write("\(word)/espeak-v\(i)_nohash_0.wav", Tone.sine(Double(420 + 700 * i), 0.4))
        }
        // With a pause of 2 s behind it.
        try scratch.write("speech/talk_0.wav", Tone.noise(4.3, 0.3, seed: 5) + Tone.silence(2))
        try scratch.write("noise/hum.wav", Tone.noise(3, 0.2, seed: 6))
        return try SoundBank(Corpus([scratch.path]), splits: Set(Split.allCases))
    }

    struct Made: Equatable {
        var features: [Float], labels: [Int32], sources: [Int32], sounds: [Int16]
    }

    static func make(_ sampler: Sampler, epoch: Int = 0, _ range: Range<Int>, threads: Int = 1) -> Made {
        let n = range.count
        var made = Made(
            features: .init(repeating: -1, count: n * sampler.settings.features.count), labels: .init(repeating: -1, count: n),
            sources: .init(repeating: -2, count: n), sounds: .init(repeating: 0, count: n * sampler.settings.features.samples))
        made.features.withUnsafeMutableBufferPointer { f in
            made.labels.withUnsafeMutableBufferPointer { l in
                made.sources.withUnsafeMutableBufferPointer { s in
                    made.sounds.withUnsafeMutableBufferPointer { x in
                        sampler.fill(epoch: epoch, range, features: f, labels: l, sources: s, sounds: x, threads: threads)
                    }
                }
            }
        }
        return made
    }

    @Test func sameOnAnyNumberOfThreads() throws {
        var settings = Sampler.Settings()
        settings.shares.fragments = 0.1
        let bank = try Self.bank()
        let sampler = try Sampler(bank, classes: Self.classes, settings: settings)
        let made = Self.make(sampler, 0..<60)
        #expect(Self.make(sampler, 0..<60, threads: 3) == made)
        #expect(Self.make(try Sampler(bank, classes: Self.classes, settings: settings), 0..<60) == made)
        #expect(Self.make(sampler, 20..<30).features == Array(made.features[(20 * 1960)..<(30 * 1960)]))
        #expect(Self.make(sampler, epoch: 1, 0..<60).features != made.features)
        settings.seed = 2
        #expect(Self.make(try Sampler(bank, classes: Self.classes, settings: settings), 0..<60).labels != made.labels)
        #expect(made.features.allSatisfy { $0 >= 0 && $0 <= 26 })
    }

    @Test func sharesAndLabels() throws {
        var settings = Sampler.Settings()
        settings.shares.fragments = 0.2
        let sampler = try Sampler(Self.bank(), classes: Self.classes, settings: settings)
        let n = 3000, made = Self.make(sampler, 0..<n, threads: 2)
        // Of 1.2: 0.1 noise; 0.15 others, 0.3 speech, 0.2 fragments; 0.45 words. Four standard deviations are 0.037 at most.
        let counts = (0..<4).map { label in Double(made.labels.count { $0 == label }) / Double(n) }
        for (count, share) in zip(counts, [0.1 / 1.2, 0.65 / 1.2, 0.225 / 1.2, 0.225 / 1.2]) { #expect(abs(count - share) < 0.037) }
        for (label, source) in zip(made.labels, made.sources) where source >= 0 { #expect(sampler.sources[Int(source)].label == label) }
        let unasked = Double(made.sources.count { $0 == -1 }) / Double(n)
        #expect(abs(unasked - 0.3 / 1.2) < 0.037)
        // 15 words; 6.3 s of speech have windows at 0, 0.5 … 5, of which those at 4.5 and 5 are in the pause.
        #expect(sampler.sources.count == 15 + 9)
        #expect(sampler.sources.filter { sampler.bank.clips[$0.clip].kind == .speech }.map(\.start) == (0..<9).map { 8000 * $0 })
    }

    /// Not varied, not shifted: an example is what the device would hear of the clip alone, and its source's sound.
    @Test func anExampleIsWhatTheDeviceHears() throws {
        var settings = Sampler.Settings()
        settings.augmentation = .none
        let sampler = try Sampler(Self.bank(), classes: Self.classes, settings: settings)
        let made = Self.make(sampler, 0..<20)
        var features = try Features()
        for i in 0..<20 {
            let sound = Array(made.sounds[(16_000 * i)..<(16_000 * (i + 1))])
            #expect(features(sound) == Array(made.features[(1960 * i)..<(1960 * (i + 1))]))
            guard made.sources[i] >= 0 else { continue }
            // The ends of a clip fade: its middle is the recording's, at full scale.
            let source = sampler.sound(of: Int(made.sources[i]), peak: 1)
            for k in stride(from: 7000, to: 9000, by: 50) { #expect(abs(Int(sound[k]) - Int(source[k])) <= 2) }
        }
    }

    /// Words as they were recorded, and nothing else.
    static var wordsAlone: Sampler.Settings {
        var settings = Sampler.Settings()
        settings.augmentation = .none
        settings.shares.speech = 0
        settings.shares.noise = 0
        return settings
    }

    /// However it is shifted, every sample of a word that fits is in the window.
    @Test func wordsStayWhole() throws {
        var settings = Self.wordsAlone
        settings.augmentation.roaming = 0.7
        settings.augmentation.reach = 1
        settings.augmentation.shift = 0.5
        settings.augmentation.speed = 0.1
        let sampler = try Sampler(Self.bank(), classes: Self.classes, settings: settings)
        let n = 400, made = Self.make(sampler, 0..<n)
        var middles: [Int] = []
        for i in 0..<n {
            let word = Array(made.sounds[(16_000 * i)..<(16_000 * (i + 1))]).loud
            // 0.4 s at 0.9 to 1.1 of its speed, without the edges that fade.
            #expect((5400...7200).contains(word.upperBound - word.lowerBound), "example \(i): \(word)")
            middles.append((word.lowerBound + word.upperBound) / 2)
        }
        // Early and late.
        #expect(middles.min()! < 4500 && middles.max()! > 11_500)
    }

    /// A tempo is the same whatever speed does to the pitch, and both are of the words and of what is none.
    @Test func tempoApartFromPitch() throws {
        var settings = Self.wordsAlone
        settings.augmentation.speed = 0.25
        settings.augmentation.tempo = 0.05
        let sampler = try Sampler(Self.bank(), classes: Self.classes, settings: settings)
        let n = 200, made = Self.make(sampler, 0..<n)
        var pitches: [Double] = []
        for i in 0..<n where made.labels[i] == 3 {
            let sound = made.sounds[(16_000 * i)..<(16_000 * (i + 1))]
            let word = sound.loud
            #expect((5600...7400).contains(word.upperBound - word.lowerBound), "example \(i): \(word)")
            pitches.append(sound[word].pitch)
        }
        // 400 to 460 Hz, a quarter lower to a quarter higher.
        #expect(pitches.min()! < 350 && pitches.max()! > 500, "\(pitches.min()!) to \(pitches.max()!)")
    }

    /// A lead-in changes what the front-end has adapted to, and not where a frame lies.
    @Test func leadIn() throws {
        var settings = Sampler.Settings()
        settings.augmentation = .none
        let bank = try Self.bank()
        let alone = Self.make(try Sampler(bank, classes: Self.classes, settings: settings), 0..<100)
        settings.augmentation.leadIn = 0.999999
        let after = Self.make(try Sampler(bank, classes: Self.classes, settings: settings), 0..<100)
        #expect(alone.labels == after.labels || alone.features != after.features)
        #expect(after.features.count == alone.features.count)
        // The front-end as it runs on a device, from the start of a long sound, in the last second of it.
        let sound = Tone.noise(1.5, 0.05) + Tone.sine(700, 1, 0.4)
        var frontend = try MicroFrontend(stepMilliseconds: 20)
        var frames: [[UInt16]] = []
        sound.withUnsafeBufferPointer { sound in
            var rest = sound
            while frontend.feed(&rest) { frames.append(Array(frontend.features)) }
        }
        var features = try Features()
        let ours = features(sound)
        let expected = frames.suffix(49).flatMap { $0.map { min(Float($0) * 0.0390625, 25.9) } }
        let largest = zip(ours, expected).map { abs($0 - $1) }.max()!
        #expect(largest <= 0.1015625 / 2 + 1e-4)
    }

    @Test func absentKindsAreSharedOut() throws {
        let scratch = Scratch()
        for k in 0..<5 { try scratch.write("high/s\(k)_0.wav", Tone.sine(900, 0.5)) }
        let bank = try SoundBank(Corpus([scratch.path]), splits: Set(Split.allCases))
        let sampler = try Sampler(bank, classes: ["_silence_", "_unknown_", "high"])
        let made = Self.make(sampler, 0..<200)
        #expect(Set(made.labels) == [0, 2])
        #expect(throws: Failure.self) { try Sampler(bank, classes: ["_unknown_", "high", "low"]) }
    }

    /// Running speech of people and of programs, and such as only a teacher can label.
    static func talking() throws -> SoundBank {
        let scratch = Scratch()
        for k in 0..<4 { try scratch.write("high/s\(k)_0.wav", Tone.sine(900, 0.5)) }
        try scratch.write("speech/ann_0.wav", Tone.noise(2, 0.3, seed: 1))
        try scratch.write("speech/espeak-it+m1_nohash_0.wav", Tone.noise(30, 0.3, seed: 2))
        try scratch.write("unlabelled/film.wav", Tone.noise(3, 0.3, seed: 3))
        return try SoundBank(Corpus([scratch.path]), splits: Set(Split.allCases))
    }

    /// Hours of a program's talk are heard no more often than the share of what programs say.
    @Test func peoplesSpeechIsNotDrownedOut() throws {
        var settings = Sampler.Settings()
        (settings.shares.real, settings.shares.synthetic, settings.shares.otherWords, settings.shares.noise) = (0.3, 0.1, 0, 0)
        let sampler = try Sampler(Self.talking(), classes: Self.classes.dropLast(), settings: settings)
        let n = 2000, made = Self.make(sampler, 0..<n, threads: 2)
        let speech = made.sources.map { sampler.bank.clips[sampler.sources[Int($0)].clip] }.filter { $0.kind == .speech }
        // Of 0.7, 0.3; four standard deviations of both are 0.04 and 0.06.
        #expect(abs(Double(speech.count) / Double(n) - 0.3 / 0.7) < 0.045)
        #expect(abs(Double(speech.count { $0.isSynthetic }) / Double(speech.count) - 0.25) < 0.06)
        #expect(!sampler.sources.contains { $0.label < 0 })
    }

    @Test func unlabelledSpeechHasNoLabel() throws {
        var settings = Sampler.Settings()
        settings.shares.unlabelled = 0.3
        let sampler = try Sampler(Self.talking(), classes: Self.classes.dropLast(), settings: settings)
        let made = Self.make(sampler, 0..<500, threads: 2)
        #expect(Set(made.labels) == [-1, 0, 1, 2])
        for (label, source) in zip(made.labels, made.sources) where source >= 0 {
            #expect((label == -1) == (sampler.bank.clips[sampler.sources[Int(source)].clip].kind == .unlabelled))
        }
    }

    @Test func minedWindowsComeOnTop() throws {
        var settings = Sampler.Settings()
        settings.augmentation = .none
        settings.shares.speech = 0
        let plain = try Sampler(Self.bank(), classes: Self.classes, settings: settings)
        let bank = plain.bank
        let talk = bank.clips.firstIndex { $0.kind == .speech }!, hum = bank.clips.firstIndex { $0.kind == .noise }!
        let sampler = Sampler(plain, mined: [(talk, -2000), (hum, 4000)], share: 0.7)
        #expect(sampler.sources.dropLast(2).map(\.start) == plain.sources.map(\.start))
        #expect(sampler.sources.suffix(2).map(\.label) == [1, 0])
        let n = 1000, made = Self.make(sampler, 0..<n, threads: 2)
        // Of 0.7 + 0.7, half.
        #expect(abs(Double(made.sources.count { $0 >= plain.sources.count }) / Double(n) - 0.5) < 0.065)
        let at = made.sources.firstIndex { Int($0) == plain.sources.count }!
        let sound = made.sounds[(16_000 * at)..<(16_000 * (at + 1))], source = sampler.sound(of: plain.sources.count, peak: 1)
        for k in stride(from: 3000, to: 15_000, by: 50) { #expect(abs(Int(sound[sound.startIndex + k]) - Int(source[k])) <= 2) }
    }

    @Test func evaluation() throws {
        let bank = try Self.bank()
        let set = try EvaluationSet(bank, classes: Self.classes, split: .validation)
        let expected = bank.clips.indices.filter { bank.clips[$0].split == .validation && bank.clips[$0].kind == .real }
        #expect(!expected.isEmpty && Array(set.clips.prefix(expected.count)) == expected)
        var features = try Features()
        for (k, i) in expected.enumerated() {
            let padded = bank.sounds[i] + Tone.silence(0.2)
            #expect(Array(set.features[(1960 * k)..<(1960 * (k + 1))]) == features(padded))
            #expect(set.labels[k] == (bank.clips[i].word == "high" ? 2 : bank.clips[i].word == "low" ? 3 : 1))
        }
        #expect(EvaluationSet.window(Array(0..<10), 4) == [3, 4, 5, 6])
        #expect(EvaluationSet.window([1], 16_400).firstIndex(of: 1) == 200)
    }
}
