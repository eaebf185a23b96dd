import CJSON
import Support

/// A microWakeWord manifest (JSON, versions 1 and 2; https://esphome.io/components/micro_wake_word):
/// which model, for which words, and when its scores mean that they were said.
public struct Manifest: Sendable {
    /// What users call the word on the command line: the model file's name without its end, okay_nabu.
    public var identifier: String
    /// What people say: Okay Nabu.
    public var wakeWord: String
    /// Who made the model and where it is from; nil where the manifest does not say.
    public var author: String?
    public var website: String?
    /// Languages whose speakers it was trained for, as `en`.
    public var languages: [String]
    /// Path of the `.tflite`, found relative to the manifest.
    public var modelPath: String
    /// Heard when the mean of the last `window` scores exceeds it, 0…1.
    public var cutoff: Double
    /// Scores that are averaged.
    public var window: Int
    /// From one feature frame to the next, ms.
    public var stepMilliseconds: Int

    /// Reads a manifest. Throws `Failure` for a file that is missing, not JSON, or lacks something.
    public init(path: String) throws(Failure) { try self.init(MappedFile(path), path: path) }

    /// A manifest in memory; `path` is what failures call it, and where its model is looked for.
    public init(_ file: borrowing MappedFile, path: String) throws(Failure) {
        guard file.count <= 1 << 20 else { throw Failure(.data, "\(path)", "too large for a manifest", "give the .json beside the model") }
        let text = file.base.assumingMemoryBound(to: CChar.self)
        guard let root = cJSON_ParseWithLength(text, file.count) else {
            throw Failure(.data, "\(path)", "not JSON", "give a microWakeWord manifest")
        }
        defer { cJSON_Delete(root) }
        let top = JSON(root)

        guard let type = top.text("type"), type.utf8.elementsEqual("micro".utf8), let micro = top.object("micro") else {
            throw Failure(.data, "\(path)", "not a microWakeWord manifest (no \"type\": \"micro\")", "give the .json beside the model")
        }
        let version = top.number("version") ?? 1
        guard version == 1 || version == 2 else {
            throw Failure(.data, "\(path)", "manifest version \(Int(clamped: version))", "versions 1 and 2 are supported")
        }
        guard let model = top.text("model"), !model.isEmpty else {
            throw Failure(.data, "\(path)", "names no model", "add \"model\": \"FILE.tflite\"")
        }
        guard let cutoff = micro.number("probability_cutoff"), (0...1).contains(cutoff) else {
            throw Failure(.data, "\(path)", "probability_cutoff is not a number from 0 to 1", "correct it")
        }
        // Version 1 called it by a longer name, and its models step by 20 ms.
        let window = micro.number("sliding_window_size") ?? micro.number("sliding_window_average_size") ?? 0
        guard (1...1000).contains(window) else {
            throw Failure(.data, "\(path)", "sliding_window_size is not a number from 1 to 1000", "correct it")
        }
        let step = micro.number("feature_step_size") ?? (version == 1 ? 20 : 10)
        guard (1...30).contains(step) else {
            throw Failure(.data, "\(path)", "feature_step_size is not a number of ms from 1 to 30", "correct it")
        }
        self.cutoff = cutoff
        self.window = Int(window)
        stepMilliseconds = Int(step)
        modelPath = Self.sibling(model, of: path)
        identifier = Self.stem(model)
        wakeWord = top.text("wake_word") ?? identifier
        author = top.text("author")
        website = top.text("website")
        languages = top.texts("trained_languages")
    }

    private static let slash = UInt8(ascii: "/")

    /// `name` in the folder of `path`, unless it is absolute.
    private static func sibling(_ name: String, of path: String) -> String {
        if name.utf8.first == slash { return name }
        guard let end = path.utf8.lastIndex(of: slash) else { return name }
        return String(decoding: path.utf8[...end], as: UTF8.self) + name
    }

    private static func stem(_ name: String) -> String {
        var bytes = Array(name.utf8)
        if let i = bytes.lastIndex(of: slash) { bytes.removeFirst(i + 1) }
        if let i = bytes.lastIndex(of: UInt8(ascii: ".")), i > 0 { bytes.removeLast(bytes.count - i) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Int {
    /// A number of a JSON file, which may be anything, as an integer to print.
    fileprivate init(clamped value: Double) { self = value > -1e9 && value < 1e9 ? Int(value) : 0 }
}

/// A JSON value that cJSON owns.
private struct JSON {
    private let value: UnsafeMutablePointer<cJSON>

    init(_ value: UnsafeMutablePointer<cJSON>) { self.value = value }

    private func member(_ name: StaticString) -> UnsafeMutablePointer<cJSON>? {
        cJSON_GetObjectItemCaseSensitive(value, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
    }

    func object(_ name: StaticString) -> JSON? {
        guard let item = member(name), cJSON_IsObject(item) != 0 else { return nil }
        return JSON(item)
    }

    func text(_ name: StaticString) -> String? {
        guard let item = member(name), cJSON_IsString(item) != 0, let text = item.pointee.valuestring else { return nil }
        return String(cString: text)
    }

    /// The strings of an array.
    func texts(_ name: StaticString) -> [String] {
        guard let list = member(name), cJSON_IsArray(list) != 0 else { return [] }
        var texts: [String] = []
        var next = list.pointee.child
        while let item = next {
            if cJSON_IsString(item) != 0, let text = item.pointee.valuestring { texts.append(String(cString: text)) }
            next = item.pointee.next
        }
        return texts
    }

    func number(_ name: StaticString) -> Double? {
        guard let item = member(name), cJSON_IsNumber(item) != 0 else { return nil }
        return item.pointee.valuedouble
    }
}
