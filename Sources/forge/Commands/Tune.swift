import ArgumentParser
import Dataset
import Evaluation
import Foundation
import KeywordSpotting
import Support

/// Chooses how a model is listened with.
struct Tune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Choose the cutoffs that a model is listened with.",
        discussion: """
            Hears the words of --data, in quiet and in noise, and --recordings in which nobody says any of them, and chooses how many scores are averaged, \
            how much cutoffs rise amid talk, and a cutoff for each word: those that miss the fewest words with at most --limit false accepts an hour. What half of the \
            recordings suggests is tried on the other half besides: so many false accepts are to be expected elsewhere.
            """)

    @Argument(help: "What katydid-forge train wrote: a manifest (.json).") var model: String
    @Option(name: .long, parsing: .upToNextOption, help: "Manifests (.csv), or folders with a folder for each word.") var data: [String]
    @Option(name: .long, parsing: .upToNextOption, help: "Files or folders of sound without the words.") var recordings: [String]
    @Option(help: "False accepts an hour.") var limit = 1.0
    @Option(parsing: .upToNextOption, help: "Inferences whose scores are averaged: several are compared. More miss less, and hear later.") var window = [4, 6, 8, 10, 12]
    @Option(parsing: .upToNextOption, help: "How much cutoffs rise amid talk: several are compared. 0: they don't.") var talkWeight = [0, 0.4, 0.6, 0.8]
    @Option(help: "Frames from one inference to the next, instead of the manifest's. Twice as many cost half.") var hop: Int?
    @Option(help: "Whom to judge by: train, val or test.") var split = "val"
    @Option(name: .shortAndLong, help: "Write the manifest with what was chosen.") var output: String?

    func run() throws {
        try attempt { () throws(Failure) in try tune() }
    }

    private func tune() throws(Failure) {
        guard let split = Split(name: split) else { throw Failure(.usage, "--split \(split)", "no such split", "give train, val or test") }
        guard limit > 0, !window.isEmpty, window.allSatisfy({ (1...1000).contains($0) }) else {
            throw Failure(.usage, "--limit and --window", "must be positive", "give other numbers")
        }
        guard !talkWeight.isEmpty, talkWeight.allSatisfy({ (0...1).contains($0) }) else {
            throw Failure(.usage, "--talk-weight", "lies between 0 and 1", "give other numbers")
        }
        guard model.hasSuffix(".json"), var manifest = try Subject(model, classes: []).manifest else {
            throw Failure(.usage, "\(model)", "is no manifest", "give the .json beside the model")
        }
        if let hop {
            guard (1...1000).contains(hop) else { throw Failure(.usage, "--hop \(hop)", "lies from 1 to 1000", "give another number") }
            manifest.hop = hop
        }
        manifest.window = 1
        let talkWeights = manifest.unknown == nil ? [0] : talkWeight
        let line = SharedProgressLine()
        func tell(_ what: String) -> @Sendable (Int, Int) -> Void { { line.show(what, $0, of: $1) } }
        let bank = try SoundBank(Corpus(data, resplit: [.speech, .noise]), splits: [split], progress: tell("reading"))
        let clean = try Misses(manifest, bank, split: split, snr: nil, progress: tell("words in quiet"))
        let noisy = try Misses(manifest, bank, split: split, snr: Evaluator.noisy, progress: tell("words in noise"))
        let accepts = try FalseAccepts(manifest, Stream.streams(of: Stream.files(recordings)), progress: tell("recordings"))
        line.clear()
        guard let tuning = Tuning(accepts, clean: clean, noisy: noisy, windows: window, talkWeights: talkWeights, limit: limit) else {
            throw Failure(.noInput, "\(data.joined(separator: ", "))", "nobody says a word of the model there", "name recordings of its words")
        }
        print(String(format: "%.2f h of recordings\n\nwindow  talk  false accepts/h   missed, clean   missed, 10 dB   heard, s after the word", accepts.hours))
        for choice in tuning.choices {
            print(String(
                format: "%6d %5.2f %16.2f %13.1f %% %13.1f %%", choice.window, choice.talkWeight, choice.falseAcceptsPerHour, choice.missedClean * 100, choice.missedInNoise * 100)
                + (choice.delay.map { String(format: "%25.2f", $0) } ?? ""))
        }
        let best = tuning.best
        print("\nwindow \(best.window), talk weight \(best.talkWeight), cutoffs " + zip(manifest.words, best.cutoffs).map { "\($0.identifier) \($1)" }.joined(separator: ", "))
        let (one, other) = accepts.halves
        let crossed = [(one, other), (other, one)].map { learnt, tried in
            Tuning(learnt, clean: clean, noisy: noisy, windows: [best.window], talkWeights: [best.talkWeight], limit: limit)
                .map { tried.averaged(best.window, talkWeight: best.talkWeight).accepts(cutoffs: $0.best.cutoffs).count } ?? 0
        }
        print(String(format: "chosen by one half of the recordings, the other half has %.2f an hour", Double(crossed.reduce(0, +)) / accepts.hours))
        if let output { try write(best, manifest, to: output) }
    }

    /// The manifest as it is, but for what was chosen.
    private func write(_ choice: Tuning.Choice, _ manifest: Manifest, to path: String) throws(Failure) {
        guard let data = FileManager.default.contents(atPath: model), var object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
            throw Failure(.data, "\(model)", "is not JSON", "give the .json beside the model")
        }
        func folder(_ path: String) -> URL { URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent() }
        // A model is found beside its manifest.
        if folder(path) != folder(model) { object["model"] = URL(fileURLWithPath: manifest.modelPath).standardizedFileURL.path }
        if let hop { object["hop"] = hop }
        object["sliding_window_size"] = choice.window
        object["probability_cutoff"] = choice.cutoffs.max()
        object["talk_weight"] = NSDecimalNumber(string: "\(choice.talkWeight)")
        // As decimals: doubles would be written with all their digits.
        object["cutoffs"] = Dictionary(uniqueKeysWithValues: zip(manifest.words, choice.cutoffs).map { ($0.identifier, NSDecimalNumber(string: "\($1)")) })
        guard let text = try? JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) else {
            throw Failure(.software, "\(path)", "is not JSON", "report this")
        }
        try writeText(String(decoding: text, as: UTF8.self) + "\n", to: path)
    }
}
