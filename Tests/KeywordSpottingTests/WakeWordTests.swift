import AudioCapture
import AudioFrontend
import CLinux
import GoldenFiles
import KeywordSpotting
import Support
import Testing

/// Wake words against PyPI's pymicro-wakeword: Tests/Golden/wake/traces.txt, made by make_wake_golden.py.
@Suite(.enabled(if: Golden.wakeModels != nil, "no wake-word models; run make wake-models or set KATYDID_WAKE_MODELS"))
struct WakeWordTests {
    static let words = ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"]

    /// Where pymicro-wakeword's mean exceeds the cutoff by less than the engines differ, for one inference.
    static let atTheCutoff = ["speech/near_nabu.rms.wav"]

    /// A sound, changed in some way, and what pymicro-wakeword makes of it.
    struct Sound: CustomTestStringConvertible, Sendable {
        let name: String
        let crc: String
        let change: String
        /// Of each model: 10 ms steps, runs of True, events, how far its means are, CRC of LiteRT's means.
        var traces: [String: [String]]
        var testDescription: String { "\(name), \(change)" }

        /// The file, if it is here and holds the sound that pymicro-wakeword heard.
        var path: String {
            let rest = name.drop { $0 != "/" }
            if name.hasPrefix("wake/") { return Golden.folder + "/wake" + rest }
            if name.hasPrefix("speech/") { return Golden.checkout + "/out/speech" + rest }
            return Golden.shared + "/audio/wake" + rest
        }
    }

    static let all: [Sound] = {
        var sounds: [Sound] = []
        for line in (try? Golden.lines(Golden.folder + "/wake/traces.txt")) ?? [] {
            if sounds.last?.name != line[0] || sounds.last?.change != line[2] {
                sounds.append(Sound(name: line[0], crc: line[1], change: line[2], traces: [:]))
            }
            sounds[sounds.count - 1].traces[line[3]] = Array(line[4...])
        }
        return sounds
    }()

    /// Other versions of a synthesiser speak differently: their files are left out.
    static let there = all.filter { sound in
        guard Golden.exists(sound.path), let samples = try? read(sound.path) else { return false }
        return crc(samples) == sound.crc
    }

    private static func crc<Number: BitwiseCopyable>(_ numbers: [Number]) -> String { numbers.withUnsafeBytes { CRC32.of($0) } }

    private static func read(_ path: String) throws -> [Int16] {
        var source = try WavSource(path)
        var samples = [Int16](repeating: 0, count: source.frames)
        let count = try samples.withUnsafeMutableBufferPointer { try source.read(into: $0) }
        #expect(count == samples.count && source.rate == 16000 && source.channels == 1)
        return samples
    }

    /// The samples of `sound` as make_wake_golden.py changes them, in whole steps of 10 ms.
    private func samples(_ sound: Sound) throws -> [Int16] {
        let plain = try Self.read(sound.path)
        let silence = [Int16](repeating: 0, count: 24000)
        var result: [Int16]
        switch sound.change {
        case "plain": result = plain
        case "padded": result = silence + plain + silence
        case "quiet": result = silence + plain.map { $0 >> 3 } + silence
        case "noisy":
            result = silence + plain + silence
            var state: UInt32 = 1
            for i in result.indices {
                state = state &* 1_664_525 &+ 1_013_904_223
                result[i] = Int16(clamping: Int(result[i]) + Int(state >> 22) - 512)
            }
        default:
            Issue.record("unknown change \(sound.change)")
            result = []
        }
        return Array(result.prefix(result.count / 160 * 160))
    }

    private func load(_ name: String) throws -> Spotter {
        try Spotter(Manifest(path: "\(Golden.wakeModels!)/\(name).json"))
    }

    @Test func ownSoundsAreThere() {
        #expect(Self.all.count > 80)
        #expect(Self.there.count { $0.name.hasPrefix("wake/") } == 24)
    }

    @Test(.enabled(if: Golden.exists(Golden.shared + "/audio/wake"), "no shared recordings; set KATYDID_SHARED"))
    func recordingsAreThere() { #expect(Self.there.count { $0.name.hasPrefix("shared/") } == 16) }

    /// Every mean is that of LiteRT with XNNPACK, bit by bit, and exceeds the cutoff when pymicro-wakeword's
    /// does. That one runs TFLite's builtin kernels, whose int8 layers round otherwise: a run of True may
    /// begin and end an inference apart.
    @Test(arguments: there, words) func meansAreTheOracles(_ sound: Sound, _ name: String) throws {
        let word = try load(name)
        let expected = try #require(sound.traces[name])
        var frontend = try MicroFrontend()
        var step = 0
        var means: [Double] = []
        var runs: [(first: Int, last: Int)] = []
        try samples(sound).withUnsafeBufferPointer { all in
            var rest = all
            while frontend.feed(&rest) {
                _ = word.hear(frontend.features)
                if step % word.hop == word.hop - 1 {
                    means.append(word.score(of: 0))
                    if word.score(of: 0) > word.manifest.words[0].cutoff {
                        if let last = runs.last?.last, last == step - word.hop {
                            runs[runs.count - 1].last = step
                        } else {
                            runs.append((step, step))
                        }
                    }
                }
                step += 1
            }
        }
        #expect("\(step)" == expected[0])
        #expect(Self.crc(means) == expected[4])
        guard !Self.atTheCutoff.contains(sound.name) else { return }
        let ends = runs.flatMap { [$0.first, $0.last] }
        let oracles = expected[1] == "-" ? [] : expected[1].split { $0 == "-" || $0 == "," }.map { Int($0)! }
        try #require(ends.count == oracles.count)
        for (end, oracle) in zip(ends, oracles) { #expect(abs(end - oracle) <= word.hop) }
    }

    private func text(_ items: [String]) -> String { items.isEmpty ? "-" : items.joined(separator: ",") }

    /// All words at once, sound coming in odd pieces: each is heard once, at the oracle's step.
    @Test(arguments: there) func wordsAreHeardOnceAndOnTime(_ sound: Sound) throws {
        let listener = try Listener(try Self.words.map(load))
        let samples = try samples(sound)
        // A second time after a reset: the same.
        for _ in 0..<2 {
            var events = [[String]](repeating: [], count: Self.words.count)
            samples.withUnsafeBufferPointer { all in
                for start in stride(from: 0, to: all.count, by: 777) {
                    listener.hear(UnsafeBufferPointer(rebasing: all[start..<min(start + 777, all.count)])) { word, sample in
                        events[word].append("\((sample - 480) / 160)")
                    }
                }
            }
            for (name, steps) in zip(Self.words, events) {
                if !Self.atTheCutoff.contains(sound.name) { #expect(text(steps) == sound.traces[name]![2], "\(name)") }
                // A word's model is silent while another is said, or none.
                let spoken = sound.name.drop { $0 != "/" }.dropFirst()
                if !spoken.hasPrefix(name) && !spoken.hasPrefix("near_") { #expect(steps.isEmpty, "\(name)") }
            }
            listener.reset()
        }
    }

    /// Two halves of a word around sound that is missing are no word; whole ones before and behind are.
    @Test(arguments: ["okay_nabu", "hey_jarvis"]) func missingSoundFusesNothing(name: String) throws {
        let sound = try #require(Self.there.first { $0.name.hasPrefix("wake/\(name)") && $0.change == "padded" })
        let whole = try samples(sound)
        func events(_ parts: [[Int16]]) throws -> Int {
            let listener = try Listener([load(name)])
            var count = 0
            for (i, part) in parts.enumerated() {
                if i > 0 { listener.interrupt() }
                part.withUnsafeBufferPointer { listener.hear($0) { _, _ in count += 1 } }
            }
            #expect(listener.samples == parts.reduce(0) { $0 + $1.count })
            return count
        }
        // Half a second before it is heard, the better part of the word is over.
        let heard = 480 + 160 * Int(sound.traces[name]![2].split(separator: ",")[0])!
        let middle = heard - 8000
        #expect(try events([whole]) == 1)
        #expect(try events([Array(whole[..<middle]), Array(whole[middle...])]) == 0)
        #expect(try events([whole, whole]) == 2)
    }

    @Test func refractoryTimeAndCutoffAreKept() throws {
        let sound = try #require(Self.there.first { $0.name == "wake/okay_nabu.rms.wav" && $0.change == "padded" })
        let once = try samples(sound)
        func events(_ manifest: Manifest, refractory: Int, cutoff: Double?) throws -> Int {
            let listener = try Listener([Spotter(manifest, refractory: refractory, cutoff: cutoff)])
            var count = 0
            (once + once + once).withUnsafeBufferPointer { listener.hear($0) { _, _ in count += 1 } }
            return count
        }
        let manifest = try Manifest(path: Golden.wakeModels! + "/okay_nabu.json")
        #expect(try events(manifest, refractory: 0, cutoff: nil) == 3)
        #expect(try events(manifest, refractory: 1000, cutoff: nil) == 3)
        // One time is 4.3 s long.
        #expect(try events(manifest, refractory: 5000, cutoff: nil) == 2)
        #expect(try events(manifest, refractory: 60000, cutoff: nil) == 1)
        #expect(try events(manifest, refractory: 1000, cutoff: 1) == 0)
    }
}
