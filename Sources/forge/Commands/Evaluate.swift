import ArgumentParser
import Dataset
import Evaluation
import Foundation
import KeywordSpotting
import Support

/// How well models hear, on the integer path of the board.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how well models hear.",
        discussion: """
            By clips: accuracy, recall, confusions, in quiet and in noise. By streams, as katydid listen decides: words missed, and what \
            is heard in recordings in which nobody says any of the words. A MODEL is a manifest (.json) or the .tflite beside it; a \
            .tflite alone with --classes, or a checkpoint (.safetensors), is judged by clips only.
            """)

    @Argument(help: "What katydid-forge train wrote; several are compared.") var model: [String]
    @Option(name: .long, parsing: .upToNextOption, help: "Manifests (.csv), or folders with a folder for each word.") var data: [String]
    @Option(help: "Whom to judge by: train, val or test.") var split = "val"
    @Option(name: .long, parsing: .upToNextOption, help: "Files or folders of sound without the words.") var recordings: [String] = []
    @Option(help: "Classes of a .tflite without manifest, in order, with commas between.") var classes = ""
    @Option(parsing: .upToNextOption, help: "Frames from one inference to the next, instead of the manifest's; several are compared.") var hop: [Int] = []
    @Option(parsing: .upToNextOption, help: "Inferences whose scores are averaged, likewise.") var window: [Int] = []
    @Option(help: "Write all figures as JSON.") var json: String?
    @Option(help: "Write a page with plots, one HTML file.") var html: String?
    @Option(help: "Threads.") var threads = 2

    func run() throws {
        try attempt { () throws(Failure) in try evaluate() }
    }

    private func evaluate() throws(Failure) {
        var evaluator = Evaluator()
        guard let split = Split(name: split) else { throw Failure(.usage, "--split \(split)", "no such split", "give train, val or test") }
        evaluator.split = split
        evaluator.threads = max(threads, 1)
        let line = SharedProgressLine()
        evaluator.progress = { line.show($0, $1, of: $2) }
        let names = classes.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        var subjects: [Subject] = []
        for path in model { subjects += try Subject(path, classes: names).varied(hops: hop, windows: window) }
        let evaluation = try evaluator.evaluate(subjects, data: data, recordings: recordings)
        line.clear()
        print(evaluation.text)
        if let json { try evaluation.write(json: json) }
        if let html { try writeText(Page(evaluation).html, to: html) }
    }
}

extension Subject {
    /// The same model listening with each of `hops` and `windows`; none: with its manifest's.
    func varied(hops: [Int], windows: [Int]) throws(Failure) -> [Subject] {
        guard let manifest, !(hops.isEmpty && windows.isEmpty) else { return [self] }
        guard (hops + windows).allSatisfy({ (1...1000).contains($0) }) else {
            throw Failure(.usage, "--hop and --window", "lie from 1 to 1000", "give other numbers")
        }
        var list: [Subject] = []
        for hop in hops.isEmpty ? [manifest.hop ?? 1] : hops {
            for window in windows.isEmpty ? [manifest.window] : windows {
                var subject = self
                subject.name += ", hop \(hop), window \(window)"
                subject.manifest?.hop = hop
                subject.manifest?.window = window
                list.append(subject)
            }
        }
        return list
    }
}

extension Evaluation {
    func write(json path: String) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(self) else { throw Failure(.software, "\(path)", "is not JSON", "report this") }
        try writeText(String(decoding: text, as: UTF8.self) + "\n", to: path)
    }
}

func writeText(_ text: String, to path: String) throws(Failure) {
    var text = text
    let result = text.withUTF8 { bytes in
        Result { () throws(Failure) in try writeFile(path, [UnsafeRawBufferPointer(bytes)]) }
    }
    try result.get()
}
