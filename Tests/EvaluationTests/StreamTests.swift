import Dataset
import KeywordSpotting
import Recordings
import Support
import Testing

@testable import Evaluation

struct StreamTests {
    let scratch = Scratch()

    /// What is written down says the same as listening itself, with any cutoff.
    @Test(arguments: [(4, 4), (2, 3), (5, 1)]) func tracksDecideAsListenDoes(hop: Int, window: Int) throws {
        let sound = Tone.noise(1.5, 0.001) + Tone.sine(350, 0.9) + Tone.noise(0.7, 0.001, seed: 2) + Tone.sine(5000, 0.8) + Tone.noise(2, 0.05, seed: 3)
            + Tone.sine(350, 2) + Tone.sine(5000, 0.6, 0.1) + Tone.noise(1, 0.001, seed: 4)
        var most = 0
        let ear = try Ear(Listeners.manifest(hop: hop, window: window))
        // Twice: what was heard before is forgotten.
        for _ in 0..<2 {
            ear.hear(Array(sound[..<30000]))
            ear.hear(Array(sound[30000...]))
            let track = ear.finish()
            for cutoff in [0.3, 0.5, 0.7, 0.8, 0.9, 0.99] {
                let listener = try Listener([Spotter(Listeners.manifest(hop: hop, window: window, cutoff: cutoff))])
                var heard: [(word: Int, sample: Int)] = []
                sound.withUnsafeBufferPointer { listener.hear($0) { heard.append(($0, $1)) } }
                let detections = track.detections(cutoff: cutoff)
                #expect(detections.map(\.word) == heard.map(\.word) && detections.map(\.sample) == heard.map(\.sample), "\(cutoff)")
                #expect(detections.allSatisfy { $0.score > cutoff })
                most = max(most, detections.count)
            }
        }
        #expect(most >= 3)
    }

    @Test func falseAccepts() throws {
        let a = Stream.File(path: "a.wav", group: "talk"), b = Stream.File(path: "b.wav", group: "talk"), c = Stream.File(path: "c.wav", group: "music")
        let first = Listeners.sample(1), later = Listeners.sample(16)
        let accepts = FalseAccepts(
            heard: [
                // "on" at the last sample of a, and again 1.2 s later in b; "off" once, softer.
                .init(
                    parts: [.init(file: a, samples: 0..<first), .init(file: b, samples: first..<720_000)],
                    track: try Listeners.track([(0, 0), (0.9, 0)] + Array(repeating: (0, 0), count: 14) + [(0.95, 0)])),
                .init(parts: [.init(file: c, samples: 0..<720_000)], track: try Listeners.track([(0, 0), (0, 0.6)])),
            ], words: ["on", "off"])
        #expect(accepts.seconds == 90 && accepts.hours == 0.025)
        #expect(accepts.accepts(cutoffs: [0.8, 0.8]) == [
            .init(path: "a.wav", group: "talk", second: Double(first) / 16000, word: "on", score: 0.9),
            .init(path: "b.wav", group: "talk", second: Double(later - first) / 16000, word: "on", score: 0.95),
        ])
        #expect(accepts.accepts(cutoffs: [0.92, 0.5]).map(\.word) == ["on", "off"])
        #expect(accepts.perHour(cutoff: 0.8) == 80 && accepts.perHour(cutoff: 0.5) == 120 && accepts.perHour(cutoff: 0.99) == 0)
        #expect(accepts.groups.map(\.name) == ["talk", "music"] && accepts.groups.map(\.seconds) == [45, 45])
    }

    @Test func misses() throws {
        func utterance(_ word: Int, _ means: [(on: Double, off: Double)]) throws -> Misses.Utterance {
            .init(word: word, due: 0..<Listeners.sample(3), end: Listeners.sample(0), track: try Listeners.track(means))
        }
        let misses = Misses(
            utterances: [
                try utterance(0, [(0, 0), (0.9, 0)]),
                // Too late, and another's.
                try utterance(0, [(0, 0), (0, 0), (0, 0), (0.9, 0)]),
                try utterance(0, [(0.1, 0.85)]),
                // Too soft for 0.8.
                try utterance(1, [(0, 0.7)]),
            ], words: ["on", "off"])
        #expect(misses.counts(cutoffs: [0.8, 0.8]) == [
            .init(word: "on", said: 3, heard: 1, confused: 1), .init(word: "off", said: 1, heard: 0, confused: 0),
        ])
        #expect(misses.rate(cutoffs: [0.8, 0.8]) == 0.75 && misses.rate(cutoffs: [0.8, 0.6]) == 0.5)
        #expect(misses.counts(cutoffs: [0.8, 0.8])[0].missRate == 2.0 / 3)
        // The first of "on" is heard an inference after its end, "off" at it.
        #expect(misses.delay(cutoffs: [0.8, 0.8]) == 0.08 && misses.delay(cutoffs: [0.95, 0.6]) == 0 && misses.delay(cutoffs: [0.95, 0.95]) == nil)
        #expect(Misses(utterances: [], words: ["on"]).rate(cutoffs: [0.8]) == nil)
    }

    @Test func tradeOff() throws {
        let stream = FalseAccepts.Heard(
            parts: [.init(file: .init(path: "a.wav", group: "talk"), samples: 0..<16000 * 3600)], track: try Listeners.track([(0.55, 0)]))
        let utterances = try [0.9, 0.7, 0.6].map { Misses.Utterance(word: 0, due: 0..<Listeners.sample(9), end: 0, track: try Listeners.track([($0, 0)])) }
        let clean = Misses(utterances: utterances, words: ["on", "off"]), noisy = Misses(utterances: Array(utterances[1...]), words: ["on", "off"], snr: 10)
        let accepts = FalseAccepts(heard: [stream], words: ["on", "off"])
        let curve = try #require(TradeOff(accepts, clean: clean, noisy: noisy, cutoffs: [0.5, 0.58, 0.65, 0.8]))
        #expect(curve.points == [
            .init(cutoff: 0.5, falseAcceptsPerHour: 1, missedClean: 0, missedInNoise: 0),
            .init(cutoff: 0.58, falseAcceptsPerHour: 0, missedClean: 0, missedInNoise: 0),
            .init(cutoff: 0.65, falseAcceptsPerHour: 0, missedClean: 1.0 / 3, missedInNoise: 0.5),
            .init(cutoff: 0.8, falseAcceptsPerHour: 0, missedClean: 2.0 / 3, missedInNoise: 1),
        ])
        // As few misses, and fewer accepts.
        #expect(curve.best() == curve.points[1])
        #expect(TradeOff(points: [curve.points[0]]).best(limit: 0.5) == nil)
        let equal = [0.6, 0.7].map { TradeOff.Point(cutoff: $0, falseAcceptsPerHour: 0, missedClean: 0, missedInNoise: 0) }
        #expect(TradeOff(points: equal).best()?.cutoff == 0.7)
        #expect(TradeOff(accepts, clean: Misses(utterances: [], words: ["on", "off"]), noisy: noisy) == nil)
    }

    @Test func filesAreGroupedAndJoined() throws {
        for name in ["talk/a.wav", "talk/deep/b.wav", "music/c.wav", "d.wav"] { try scratch.write(name, Tone.sine(400, 0.2)) }
        try scratch.write("talk/notes.txt", Array("no sound".utf8))
        let files = try Stream.files([scratch.path + "/talk/a.wav", scratch.path])
        #expect(files.map { String($0.path.dropFirst(scratch.path.count + 1)) } == ["talk/a.wav", "d.wav", "music/c.wav", "talk/a.wav", "talk/deep/b.wav"])
        let own = String(scratch.path.split(separator: "/").last!)
        #expect(files.map(\.group) == ["a.wav", own, "music", "talk", "talk"])
        #expect(Stream.streams(of: files).map { $0.files.count } == [1, 1, 1, 2])
        // Minutes each, so that threads share them.
        try scratch.write("long/1.wav", Tone.silence(40))
        try scratch.write("long/2.wav", Tone.silence(40))
        #expect(try Stream.streams(of: Stream.files([scratch.path + "/long"])).count == 2)
    }
}
