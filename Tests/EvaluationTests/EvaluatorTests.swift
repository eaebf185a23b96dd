import Dataset
import Foundation
import KeywordSpotting
import Recordings
import Support
import Testing

@testable import Evaluation

struct EvaluatorTests {
    let scratch = Scratch()

    /// Tones as words: low ones "on", high ones "off", both as another word; noise; and recordings of which one holds a low tone.
    private func data() throws -> [String] {
        var rows = ["path,word,speaker,split"]
        func add(_ path: String, _ word: String, _ speaker: String, _ split: String, _ sound: [Int16]) throws {
            try scratch.write(path, sound)
            rows.append("\(path),\(word),\(speaker),\(split)")
        }
        for k in 0..<4 {
            let tone = { (hertz: Double) in Tone.noise(0.2, 0.001, seed: UInt64(k)) + Tone.sine(hertz + 5 * Double(k), 0.8) }
            try add("words/on\(k).wav", "on", "s\(k)", "val", tone(340))
            try add("words/off\(k).wav", "off", "s\(k)", "val", tone(5000))
            try add("words/other\(k).wav", "other", "s\(k)", "val", Tone.noise(1, 0.02, seed: UInt64(20 + k)))
            // Of another split: must not count.
            try add("words/wrong\(k).wav", "on", "t\(k)", "train", tone(5000))
        }
        // Synthetic voices say words that people say, too: not to be judged by.
        try add("synthetic/on.wav", "on", "espeak-a", "val", Tone.sine(5000, 1))
        // Names whose hash puts them into the validation split.
        var found = 0, i = 0
        while found < 2 {
            if Split.of(speaker: "hum\(i)") == .validation {
                try add("noise/hum\(i).wav", "hum", "", "train", Tone.noise(6, 0.05, seed: UInt64(40 + i)))
                found += 1
            }
            i += 1
        }
        try scratch.write("manifest.csv", Array(rows.joined(separator: "\n").utf8))
        try scratch.write("recordings/quiet.wav", Tone.noise(8, 0.02, seed: 5))
        try scratch.write("recordings/loud/tone.wav", Tone.noise(2, 0.001, seed: 6) + Tone.sine(340, 0.8) + Tone.noise(3, 0.001, seed: 7))
        return [scratch.path]
    }

    @Test func endToEnd() throws {
        let evaluation = try Evaluator().evaluate(
            [Listeners.subject(manifest: Listeners.manifest(window: 2, cutoff: 0.5)), Listeners.subject()], data: data(),
            recordings: [scratch.path + "/recordings"])
        #expect(evaluation.split == "validation" && evaluation.models.count == 2)
        let model = evaluation.models[0]
        #expect(model.clips.map(\.snr) == [nil, 20, 10, 5, 0])
        let clean = model.clips[0]
        // Four clips each, and of silence as many as a word has.
        #expect(clean.words.map(\.clips) == [4, 4, 4, 4])
        // Answers are those of the model, and each clip has one.
        #expect(clean.confusion.total == 16 && clean.accuracy == Double(clean.confusion.right) / 16)
        #expect(clean.words[2].recall == 1 && clean.words[3].recall == 1 && clean.meanRecall == 1, "\(clean.confusion.counts)")

        let heard = try #require(model.listening)
        #expect(heard.groups.map(\.name).contains("loud") && heard.groups.contains { $0.name == "the data's noise" })
        let accept = try #require(heard.falseAccepts.first { $0.path.hasSuffix("tone.wav") })
        #expect(accept.word == "on" && accept.second > 2 && accept.second < 3.8 && accept.score > 0.5)
        #expect(heard.falseAcceptsPerHour == Double(heard.falseAccepts.count) / heard.hours)
        #expect(heard.words.reduce(0) { $0 + $1.accepts } == heard.falseAccepts.count && heard.groups.reduce(0) { $0 + $1.accepts } == heard.falseAccepts.count)
        // 8 + 5.8 s, and 12 s of noise.
        #expect(abs(heard.hours * 3600 - 25.8) < 0.01 && evaluation.hours == heard.hours)
        #expect(heard.misses.map(\.snr) == [nil, 10] && heard.misses[0].words.map(\.said) == [4, 4])
        // Such a simple network takes noise for "on" now and then: once right before an "off", which is missed then.
        #expect(heard.misses[0].words.map(\.heard) == [4, 3])
        #expect(heard.tradeOff?.points.count == TradeOff.cutoffs.count)
        #expect(evaluation.models[1].listening == nil && evaluation.models[1].clips[0].confusion == clean.confusion)

        // The same again, whatever the threads did.
        var single = Evaluator()
        single.threads = 1
        let again = try single.evaluate([Listeners.subject(manifest: Listeners.manifest(window: 2, cutoff: 0.5))], data: [scratch.path], recordings: [scratch.path + "/recordings"])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(try encoder.encode(again.models[0]) == encoder.encode(model))
        let copy = try JSONDecoder().decode(Evaluation.self, from: encoder.encode(evaluation))
        #expect(copy.models[0].listening?.falseAccepts == heard.falseAccepts)

        let text = evaluation.text
        for part in ["tiny: 8768 bytes, 16 clips", "clean", "20 dB", "false accepts: \(heard.falseAccepts.count) in 0.01 h", "loud"] {
            #expect(text.contains(part), "\(part)")
        }
        let page = Page(evaluation).html
        for part in ["<!doctype html>", "2 models hear", "Accuracy in noise", "Recall by word", "False accepts by recording", "Confusions of tiny", "tone.wav"] {
            #expect(page.contains(part), "\(part)")
        }
        // Nothing comes from elsewhere, and nothing runs.
        #expect(!page.contains("http") && !page.contains("<script") && !page.contains("nan"))
        #expect(page.components(separatedBy: "<svg").count == page.components(separatedBy: "</svg>").count)
    }

    /// Without noise there is nothing to mix in, and that is said.
    @Test func withoutNoise() throws {
        for k in 0..<20 { try scratch.write("on/s\(k)_nohash_0.wav", Tone.sine(340, 0.7)) }
        let evaluation = try Evaluator().evaluate([Listeners.subject()], data: [scratch.path], recordings: [])
        #expect(evaluation.models[0].clips.map(\.snr) == [nil] && evaluation.models[0].listening == nil)
        #expect(evaluation.remarks.contains { $0.contains("no noise") })
        #expect(!Page(evaluation).html.contains("Accuracy in noise"))
    }

    private func expectFailure(_ part: String, _ body: () throws -> Void) {
        do {
            try body()
            Issue.record("was taken")
        } catch let failure as Failure {
            #expect(failure.line.contains(part) && !failure.line.contains("\n"), "\(failure.line)")
        } catch { Issue.record(error) }
    }

    @Test func badData() throws {
        let data = try data()
        try Synthesiser.makeFolder(scratch.path + "/empty")
        try scratch.write("broken/a.wav", Array("no sound".utf8))
        func evaluate(_ data: [String], _ recordings: [String] = [], of subject: Subject = Listeners.subject()) throws {
            _ = try Evaluator().evaluate([subject], data: data, recordings: recordings)
        }
        expectFailure("/nowhere: No such file") { try evaluate(["/nowhere"]) }
        expectFailure("/nowhere.csv") { try evaluate(["/nowhere.csv"]) }
        expectFailure("empty: no recordings there") { try evaluate([scratch.path + "/empty"]) }
        expectFailure("/nowhere: No such file") { try evaluate(data, ["/nowhere"]) }
        expectFailure("empty: no recordings there") { try evaluate(data, [scratch.path + "/empty"]) }
        expectFailure("none of its words (left, right)") { try evaluate(data, of: Listeners.subject(["_silence_", "_unknown_", "left", "right"])) }
        expectFailure("gives 4 scores, for 1960 features and 5 classes") { try evaluate(data, of: Listeners.subject(Listeners.classes + ["up"])) }
        // One bad file among many is left out and told of.
        let evaluation = try Evaluator().evaluate(
            [Listeners.subject(manifest: Listeners.manifest())], data: data, recordings: [scratch.path + "/broken", scratch.path + "/recordings"])
        #expect(evaluation.remarks.contains { $0.contains("broken/a.wav: no sound") })
    }

    @Test func namesAreEscaped() {
        #expect("<a href='x'>&\"".escaped == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;")
    }
}
