import Dataset
import KeywordSpotting
import Recordings
import Support
import Testing

@testable import Evaluation

struct TuningTests {
    /// Scores that are averaged afterwards are those that the model's own window would have averaged.
    @Test(arguments: [2, 5]) func averages(_ window: Int) throws {
        let sound = Tone.noise(1.2, 0.001) + Tone.sine(350, 0.9) + Tone.noise(0.7, 0.02, seed: 2) + Tone.sine(5000, 0.8)
        let single = try Ear(Listeners.manifest(window: 1)), smooth = try Ear(Listeners.manifest(window: window))
        single.hear(sound)
        smooth.hear(sound)
        let averaged = single.finish().averaged(window, talkWeight: 0), expected = smooth.finish()
        #expect(averaged.means.count == expected.means.count && averaged.means.contains { $0 > 0.5 })
        #expect(zip(averaged.means, expected.means).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(averaged.talk == expected.talk && averaged.talk.contains { $0 > 0 })
    }

    /// An hour in which "on" is heard by mistake three times, ever more softly, and "off" once, loudly.
    private func accepts() throws -> FalseAccepts {
        let file = Stream.File(path: "a.wav", group: "talk"), pause = Array(repeating: (on: 0.0, off: 0.0), count: 20)
        return FalseAccepts(
            heard: [.init(
                parts: [.init(file: file, samples: 0..<16_000 * 3600)],
                track: try Listeners.track([(0.85, 0)] + pause + [(0.75, 0)] + pause + [(0.55, 0)] + pause + [(0, 0.9)]))], words: ["on", "off"])
    }

    private func misses(_ words: [(on: Double, off: Double)]) throws -> Misses {
        Misses(
            utterances: try words.map { .init(word: $0.on > 0 ? 0 : 1, due: 0..<Listeners.sample(3), end: 0, track: try Listeners.track([$0])) }, words: ["on", "off"])
    }

    /// Of "on" two are heard above all mistakes, two more between its first and its second; of "off" one above, one below.
    @Test func lowersWhereItPays() throws {
        let said = try misses([(0.95, 0), (0.9, 0), (0.8, 0), (0.78, 0), (0.6, 0), (0, 0.95), (0, 0.7)])
        func tuned(_ limit: Double) throws -> Tuning.Choice {
            try #require(Tuning(accepts(), clean: said, noisy: said, windows: [1], talkWeights: [0], limit: limit)).best
        }
        let none = try tuned(0.5)
        #expect(none.falseAcceptsPerHour == 0 && none.missedInNoise == 4.0 / 7)
        #expect((0.85..<0.9).contains(none.cutoffs[0]) && (0.9..<0.95).contains(none.cutoffs[1]))
        // Two of "on" for one mistake, where "off" has one for one.
        let one = try tuned(1)
        #expect(one.falseAcceptsPerHour == 1 && one.missedInNoise == 2.0 / 7)
        #expect((0.75..<0.78).contains(one.cutoffs[0]) && (0.9..<0.95).contains(one.cutoffs[1]))
        let all = try tuned(9)
        #expect(all.falseAcceptsPerHour == 3 && all.missedInNoise == 0)
    }

    @Test func chooses() throws {
        let said = try misses([(0.95, 0), (0, 0.95)])
        let tuning = try #require(Tuning(accepts(), clean: said, noisy: said, windows: [1, 2], talkWeights: [0], limit: 1))
        // Half of 0.95, of one inference, is below all mistakes of one, but not below half of these.
        #expect(tuning.choices.map(\.window) == [1, 2] && tuning.best.window == 1)
        #expect(Tuning(try accepts(), clean: try misses([]), noisy: try misses([]), windows: [1], talkWeights: [0], limit: 1) == nil)
    }

    /// What is taken for a word amid talk costs nothing where talk has a weight, and whoever speaks after a pause loses nothing by it.
    @Test func weighsTalk() throws {
        let file = Stream.File(path: "a.wav", group: "talk")
        let accepts = FalseAccepts(
            heard: [.init(parts: [.init(file: file, samples: 0..<16_000 * 3600)], track: try Listeners.track([(0.9, 0)], talk: [0.8]))],
            words: ["on", "off"])
        let said = try misses([(0.7, 0), (0.6, 0)])
        let tuning = try #require(Tuning(accepts, clean: said, noisy: said, windows: [1], talkWeights: [0, 0.8], limit: 0.5))
        #expect(tuning.choices.map(\.talkWeight) == [0, 0.8] && tuning.choices.map(\.missedClean) == [1, 0])
        #expect(tuning.best.talkWeight == 0.8 && tuning.best.falseAcceptsPerHour == 0)
    }
}
