import Dataset
import Foundation
import Support

extension ModelRecipe {
    /// Reads a recipe. Throws `Failure` for what is not one, naming the setting that is wrong.
    init(path: String) throws(Failure) {
        let file = try MappedFile(path)
        self = try Recipe.decode(Data(bytes: file.base, count: file.count), over: ModelRecipe(), name: path)
        folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try check(path)
    }

    /// Throws `Failure` for settings that make no sense together, naming where they stand.
    private func check(_ path: String) throws(Failure) {
        guard !words.isEmpty, Set(words).count == words.count, words.allSatisfy({ !$0.hasPrefix("_") && !$0.isEmpty }) else {
            throw Failure(.configuration, "\(path)", "words must be named, each once, without an underscore in front", "correct \"words\"")
        }
        guard listening.hop > 0, listening.window > 0, ([listening.cutoff] + listening.cutoffs.values).allSatisfy((0...1).contains) else {
            throw Failure(.configuration, "\(path)", "hop and window must be positive, the cutoff lies from 0 to 1", "correct \"listening\"")
        }
        guard teacher.companions.isEmpty || training.alignment == 0 else {
            throw Failure(.configuration, "\(path)", "features can be aligned with those of teachers, and a companion has none to tell", "leave out training.alignment")
        }
        if let stranger = listening.cutoffs.keys.sorted().first(where: { !words.contains($0) }) {
            throw Failure(.configuration, "\(path)", "\(stranger) has a cutoff and is none of the words", "correct \"listening\"")
        }
    }

    /// Changes one setting: names with dots, `=`, and JSON. Throws `Failure` where there is none of that name, or of another kind.
    mutating func set(_ text: String) throws(Failure) {
        guard let sign = text.firstIndex(of: "=") else {
            throw Failure(.usage, "--set \(text)", "has no =", "write NAME=VALUE, as shares.synthetic=0")
        }
        let names = text[..<sign].split(separator: "."), value = String(text[text.index(after: sign)...])
        let json = names.reversed().reduce(value) { "{\"\($1)\": \($0)}" }
        let folder = folder
        self = try Recipe.decode(Data(json.utf8), over: self, name: "--set \(text)")
        self.folder = folder
        try check("--set \(text)")
    }

    /// Gives teachers their paths: they lie in one of `folders` or beside the recipe.
    mutating func findTeachers(in folders: [String]) throws(Failure) {
        teacher.models = try found(teacher.models, in: folders)
        teacher.companions = try found(teacher.companions, in: folders)
    }

    private func found(_ names: [String], in folders: [String]) throws(Failure) -> [String] {
        var found: [String] = []
        for name in names {
            guard let path = find(name, in: folders) else {
                throw Failure(.noInput, "the teacher \(name)", "is in none of the folders", "say where it lies with --teachers FOLDER, or learn without: --no-teacher")
            }
            found.append(path)
        }
        return found
    }

    /// Gives the checkpoint to begin with its path, likewise.
    mutating func findStart(in folders: [String]) throws(Failure) {
        guard !start.isEmpty else { return }
        guard let path = find(start, in: folders) else {
            throw Failure(.noInput, "\(start)", "is in none of the folders", "say with --from what to begin with, or begin with nothing: --from ''")
        }
        start = path
    }

    private func find(_ name: String, in folders: [String]) -> String? {
        ([""] + (folders + [folder]).map { $0 + "/" }).map { $0 + name }.first(where: FileManager.default.fileExists)
    }

    /// As JSON, for checkpoints: other networks by name alone, for where they lie is nobody else's concern.
    var text: String {
        var recipe = self
        recipe.teacher.models = teacher.models.map { URL(fileURLWithPath: $0).lastPathComponent }
        recipe.teacher.companions = teacher.companions.map { URL(fileURLWithPath: $0).lastPathComponent }
        if !start.isEmpty { recipe.start = URL(fileURLWithPath: start).lastPathComponent }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(recipe)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
