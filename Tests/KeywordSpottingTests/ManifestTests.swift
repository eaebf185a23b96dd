import CLinux
import GoldenFiles
import KeywordSpotting
import Support
import Testing

@Suite struct ManifestTests {
    /// Writes `text` to a file of its own, gives its path to `body`, and removes it.
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        var name = Array("/tmp/katydid-manifest-XXXXXX".utf8CString)
        let fd = mkstemp(&name)
        try #require(fd >= 0)
        defer { unlink(name) }
        let bytes = Array(text.utf8)
        #expect(write(fd, bytes, bytes.count) == bytes.count)
        close(fd)
        return try body(String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// The line that a user sees for a broken manifest, FILE standing for its path.
    private func line(_ text: String) throws -> String? {
        try withFile(text) { path in
            do throws(Failure) {
                _ = try Manifest(path: path)
                return nil
            } catch {
                let parts = error.what == path ? "FILE" : error.what
                return "katydid: \(parts): \(error.why); \(error.remedy)"
            }
        }
    }

    private let sound = """
        {"type": "micro", "wake_word": "Okay Nabu", "author": "A", "model": "okay_nabu.tflite", "version": 2,
         "trained_languages": ["en"], "website": "https://example.org",
         "micro": {"probability_cutoff": 0.85, "feature_step_size": 10, "sliding_window_size": 5,
                   "tensor_arena_size": 37000, "minimum_esphome_version": "2024.7.0"}}
        """

    @Test func versionTwoIsRead() throws {
        try withFile(sound) { path in
            let manifest = try Manifest(path: path)
            #expect(manifest.words.map(\.identifier) == ["okay_nabu"] && manifest.words[0].phrase == "Okay Nabu")
            #expect(manifest.outputs == 1 && manifest.words[0].output == 0 && manifest.hop == nil)
            #expect(manifest.modelPath == "/tmp/okay_nabu.tflite")
            #expect(manifest.words[0].cutoff == 0.85)
            #expect(manifest.window == 5)
            #expect(manifest.stepMilliseconds == 10)
        }
    }

    @Test func versionOneIsRead() throws {
        let text = """
            {"type": "micro", "version": 1, "model": "/models/hey.there.tflite",
             "micro": {"probability_cutoff": 0.5, "sliding_window_average_size": 10}}
            """
        try withFile(text) { path in
            let manifest = try Manifest(path: path)
            #expect(manifest.words.map(\.identifier) == ["hey.there"] && manifest.words[0].phrase == "hey.there")
            #expect(manifest.modelPath == "/models/hey.there.tflite")
            #expect(manifest.words[0].cutoff == 0.5)
            #expect(manifest.window == 10)
            #expect(manifest.stepMilliseconds == 20)
        }
    }

    private let commands = """
        {"type": "commands", "version": 1, "name": "words", "model": "words.tflite", "classes": ["_silence_", "yes", "_unknown_", "no"],
         "feature_step_size": 20, "hop": 4, "sliding_window_size": 4, "probability_cutoff": 0.75, "cutoffs": {"no": 0.9}, "talk_weight": 0.5}
        """

    @Test func commandsAreRead() throws {
        try withFile(commands) { path in
            let manifest = try Manifest(path: path)
            #expect(manifest.words.map(\.identifier) == ["yes", "no"] && manifest.words.map(\.phrase) == ["yes", "no"])
            #expect(manifest.words.map(\.output) == [1, 3] && manifest.words.map(\.cutoff) == [0.75, 0.9])
            #expect(manifest.outputs == 4 && manifest.hop == 4 && manifest.window == 4 && manifest.stepMilliseconds == 20)
            #expect(manifest.modelPath == "/tmp/words.tflite")
            #expect(manifest.talkWeight == 0.5 && manifest.unknown == 2)
        }
    }

    private static let notOne = "not a model's manifest (\"type\" is neither \"micro\" nor \"commands\"); give the .json beside the model"

    /// Exactly one line each: what, why, what to do.
    static let broken: [(change: (from: String, to: String), line: String)] = [
        (("{\"type\"", "{type"), "not JSON; give a model's manifest"),
        (("\"micro\", \"wake", "\"macro\", \"wake"), notOne),
        (("\"type\"", "\"kind\""), notOne),
        (("\"micro\": {", "\"other\": {"), notOne),
        (("\"version\": 2", "\"version\": 3"), "version is not a number from 1 to 2; correct it"),
        (("\"version\": 2", "\"version\": 1e300"), "version is not a number from 1 to 2; correct it"),
        (("\"okay_nabu.tflite\"", "\"\""), "names no model; add \"model\": \"FILE.tflite\""),
        (("\"okay_nabu.tflite\"", "7"), "names no model; add \"model\": \"FILE.tflite\""),
        (("0.85", "1.5"), "probability_cutoff is not a number from 0 to 1; correct it"),
        (("0.85", "\"0.85\""), "probability_cutoff is not a number from 0 to 1; correct it"),
        (("\"probability_cutoff\": 0.85, ", ""), "probability_cutoff is not a number from 0 to 1; correct it"),
        (("\"sliding_window_size\": 5", "\"sliding_window_size\": 0"), "sliding_window_size is not a number from 1 to 1000; correct it"),
        (("\"sliding_window_size\": 5", "\"sliding_window_size\": 1e9"), "sliding_window_size is not a number from 1 to 1000; correct it"),
        (("\"sliding_window_size\": 5", "\"no\": 5"), "sliding_window_size is not a number from 1 to 1000; correct it"),
        (("\"feature_step_size\": 10", "\"feature_step_size\": 31"), "feature_step_size is not a number from 1 to 30; correct it"),
        (("\"feature_step_size\": 10", "\"feature_step_size\": -10"), "feature_step_size is not a number from 1 to 30; correct it"),
    ]

    @Test(arguments: broken.indices) func aBrokenOneIsToldInALine(_ i: Int) throws {
        let (change, expected) = Self.broken[i]
        let text = replace(change.from, by: change.to, in: sound)
        try #require(text != sound)
        #expect(try line(text) == "katydid: FILE: " + expected)
    }

    static let brokenCommands: [(change: (from: String, to: String), line: String)] = [
        (("\"commands\", ", "\"command\", "), notOne),
        (("\"version\": 1", "\"version\": 2"), "version is not a number from 1 to 1; correct it"),
        (("\"hop\": 4", "\"hop\": 0"), "hop is not a number from 1 to 1000; correct it"),
        (("\"hop\": 4, ", ""), "hop is not a number from 1 to 1000; correct it"),
        (("\"sliding_window_size\": 4, ", ""), "sliding_window_size is not a number from 1 to 1000; correct it"),
        (("\"feature_step_size\": 20", "\"feature_step_size\": 0"), "feature_step_size is not a number from 1 to 30; correct it"),
        (("0.75", "-1"), "probability_cutoff is not a number from 0 to 1; correct it"),
        (("[\"_silence_\", \"yes\", \"_unknown_\", \"no\"]", "[]"), noWords),
        (("[\"_silence_\", \"yes\", \"_unknown_\", \"no\"]", "\"yes\""), noWords),
        (("[\"_silence_\", \"yes\", \"_unknown_\", \"no\"]", "[\"_silence_\", \"_unknown_\"]"), noWords),
        (("\"no\"]", "7]"), noWords),
        (("\"no\"]", "\"no\"" + String(repeating: ", \"_\"", count: 997) + "]"), noWords),
        (("\"no\": 0.9", "\"nobody\": 0.9"), wrongCutoffs),
        (("\"no\": 0.9", "\"no\": 1.5"), wrongCutoffs),
        (("\"no\": 0.9", "\"no\": null"), wrongCutoffs),
        (("\"talk_weight\": 0.5", "\"talk_weight\": 2"), wrongTalk),
        (("\"_unknown_\"", "\"_other_\""), wrongTalk),
    ]
    private static let noWords = "classes is not a list of at most 1000 names with a word among them; correct it"
    private static let wrongTalk = "talk_weight is not a number from 0 to 1, or there is no class _unknown_; correct it"
    private static let wrongCutoffs = "cutoffs has something else than words and numbers from 0 to 1; correct it"

    @Test(arguments: brokenCommands.indices) func brokenCommandsAreToldInALine(_ i: Int) throws {
        let (change, expected) = Self.brokenCommands[i]
        let text = replace(change.from, by: change.to, in: commands)
        try #require(text != commands)
        #expect(try line(text) == "katydid: FILE: " + expected)
    }

    /// As many classes as the model has outputs, no more and no less.
    @Test func classesOfAnotherModelAreTold() throws {
        let path = Golden.checkout + "/Tests/Fuzz/corpus/model/commands.tflite"
        let three = replace("\"no\"]", by: "\"no\", \"more\"]", in: replace("words.tflite", by: path, in: commands))
        try withFile(three) { file in
            let manifest = try Manifest(path: file)
            let failure = #expect(throws: Failure.self) { _ = try Spotter(manifest) }
            #expect(failure?.line == "katydid: \(path): its output is not 5 scores in 8 bits; give the manifest's model: int8 [1,n,40] in, scores out")
        }
    }

    private func replace(_ part: String, by other: String, in text: String) -> String {
        guard let range = text.firstRange(of: part) else { return text }
        return String(text[..<range.lowerBound]) + other + text[range.upperBound...]
    }

    @Test func aMissingOneIsTold() {
        let failure = #expect(throws: Failure.self) { _ = try Manifest(path: "/nowhere/word.json") }
        #expect(failure?.line == "katydid: /nowhere/word.json: No such file or directory; check the path")
        #expect(failure?.status == .noInput)
    }

    @Test func aMissingModelIsTold() throws {
        try withFile(replace("okay_nabu.tflite", by: "/nowhere/word.tflite", in: sound)) { path in
            let manifest = try Manifest(path: path)
            let failure = #expect(throws: Failure.self) { _ = try Spotter(manifest) }
            #expect(failure?.line == "katydid: /nowhere/word.tflite: No such file or directory; check the path")
        }
    }

    @Test func anotherModelIsTold() throws {
        let path = Golden.folder + "/operators/relu_int8.tflite"
        try withFile(replace("okay_nabu.tflite", by: path, in: sound)) { file in
            let manifest = try Manifest(path: file)
            let failure = #expect(throws: Failure.self) { _ = try Spotter(manifest) }
            #expect(failure?.line == "katydid: \(path): its input is not of 40 features in 8 bits; give the manifest's model: int8 [1,n,40] in, scores out")
        }
    }
}
