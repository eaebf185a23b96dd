import CJSON
import Support

/// What stands beside a model (JSON): which model, which words it hears, and when its scores mean that they were said.
///
/// Either a microWakeWord manifest, versions 1 and 2 (https://esphome.io/components/micro_wake_word), of a streaming model with
/// one word and one score. Or one of `"type": "commands"`, version 1, of a model that sees a second of sound at once:
///
///     {"type": "commands", "version": 1, "model": "commands.tflite",
///      "classes": ["_silence_", "_unknown_", "yes", "no"],   what its outputs mean; those without underscore are words
///      "feature_step_size": 20,                              ms from one feature frame to the next
///      "hop": 4,                                             frames from one inference to the next
///      "sliding_window_size": 4,                             inferences whose scores are averaged
///      "probability_cutoff": 0.8, "cutoffs": {"no": 0.9},    of all words, and of some
///      "talk_weight": 0.6}                                   what `_unknown_` before a word adds to its cutoff (`TalkBefore`)
public struct Manifest: Sendable {
    /// In order of the model's outputs; at least one.
    public var words: [Word]
    /// What the model's outputs mean, words and others.
    public var classes: [String]
    /// How many scores the model gives.
    public var outputs: Int { classes.count }
    /// Feature frames from one inference to the next; nil: as many as the model takes, each of them once.
    public var hop: Int?
    /// Who made the model and where it is from; nil where the manifest does not say.
    public var author: String?
    public var website: String?
    /// Languages whose speakers it was trained for, as `en`.
    public var languages: [String]
    /// Path of the `.tflite`, found relative to the manifest.
    public var modelPath: String
    /// Scores that are averaged.
    public var window: Int
    /// From one feature frame to the next, ms.
    public var stepMilliseconds: Int
    /// What a cutoff rises by where nothing but `_unknown_` was said before: 0…1.
    public var talkWeight = 0.0
    /// The output that is `_unknown_`'s; nil where there is none.
    public var unknown: Int? { classes.firstIndex { $0.isSame(as: "_unknown_") } }

    /// Reads a manifest. Throws `Failure` for a file that is missing, not JSON, or lacks something.
    public init(path: String) throws(Failure) { try self.init(MappedFile(path), path: path) }

    /// A manifest in memory; `path` is what failures call it, and where its model is looked for.
    public init(_ file: borrowing MappedFile, path: String) throws(Failure) {
        func bad(_ why: Message, _ remedy: Message = "correct it") -> Failure { Failure(.data, "\(path)", why, remedy) }

        guard file.count <= 1 << 20 else { throw bad("too large for a manifest", "give the .json beside the model") }
        let text = file.base.assumingMemoryBound(to: CChar.self)
        guard let root = cJSON_ParseWithLength(text, file.count) else { throw bad("not JSON", "give a model's manifest") }
        defer { cJSON_Delete(root) }
        let top = JSON(value: root)

        let type = top.text("type") ?? ""
        let isCommands = type.isSame(as: "commands")
        guard let settings = isCommands ? top : type.isSame(as: "micro") ? top.object("micro") : nil else {
            throw bad("not a model's manifest (\"type\" is neither \"micro\" nor \"commands\")", "give the .json beside the model")
        }
        func number(_ name: StaticString, _ value: Double?, _ most: Int) throws(Failure) -> Int {
            guard let value, value >= 1, value <= Double(most) else { throw bad("\(name) is not a number from 1 to \(most)") }
            return Int(value)
        }
        let version = try number("version", top.number("version") ?? 1, isCommands ? 1 : 2)
        guard let model = top.text("model"), !model.isEmpty else { throw bad("names no model", "add \"model\": \"FILE.tflite\"") }
        let cutoff = settings.number("probability_cutoff") ?? -1
        guard (0...1).contains(cutoff) else { throw bad("probability_cutoff is not a number from 0 to 1") }
        // Version 1 called it by a longer name, and its models step by 20 ms.
        window = try number(
            "sliding_window_size", settings.number("sliding_window_size") ?? settings.number("sliding_window_average_size"), 1000)
        stepMilliseconds = try number("feature_step_size", settings.number("feature_step_size") ?? (version == 1 ? 20 : 10), 30)
        modelPath = Self.sibling(model, of: path)
        author = top.text("author")
        website = top.text("website")
        languages = top.texts("trained_languages")

        guard isCommands else {
            let name = Self.stem(model)
            words = [Word(identifier: name, phrase: top.text("wake_word") ?? name, output: 0, cutoff: cutoff)]
            classes = [name]
            return
        }
        hop = try number("hop", top.number("hop"), 1000)
        classes = top.texts("classes")
        words = []
        for (i, name) in classes.enumerated() where name.utf8.first != UInt8(ascii: "_") {
            words.append(Word(identifier: name, phrase: name, output: i, cutoff: cutoff))
        }
        guard !words.isEmpty, classes.count <= 1000, !words.contains(where: { $0.identifier.isEmpty }) else {
            throw bad("classes is not a list of at most 1000 names with a word among them")
        }
        var isRight = true
        var words = self.words
        top.object("cutoffs")?.forEach { item in
            let i = words.firstIndex { $0.identifier.isSame(as: item.name) }, value = item.number ?? -1
            if let i, (0...1).contains(value) { words[i].cutoff = value } else { isRight = false }
        }
        guard isRight else { throw bad("cutoffs has something else than words and numbers from 0 to 1") }
        self.words = words
        talkWeight = top.number("talk_weight") ?? 0
        guard (0...1).contains(talkWeight), talkWeight == 0 || unknown != nil else {
            throw bad("talk_weight is not a number from 0 to 1, or there is no class _unknown_")
        }
    }

    private static let slash = UInt8(ascii: "/")

    /// `name` in the folder of `path`, unless it is absolute.
    private static func sibling(_ name: String, of path: String) -> String {
        let bytes = Array(path.utf8)
        guard name.utf8.first != slash, let end = bytes.lastIndex(of: slash) else { return name }
        return string(bytes[...end]) + name
    }

    private static func stem(_ name: String) -> String {
        var bytes = Array(name.utf8)[...]
        if let i = bytes.lastIndex(of: slash) { bytes = bytes[(i + 1)...] }
        if let i = bytes.lastIndex(of: UInt8(ascii: ".")), i > bytes.startIndex { bytes = bytes[..<i] }
        return string(bytes)
    }
}
