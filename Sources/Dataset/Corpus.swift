import CLinux
import Foundation
import Support
import SwiftCSV

/// What there is to learn from: clips with their words, speakers and splits. Reads lists, not sound.
public struct Corpus: Sendable {
    public private(set) var clips: [Clip] = []
    /// What one should know and can go on with: one line each.
    public private(set) var remarks: [String] = []

    /// Whose splits are made anew from the recordings' origin, whatever a manifest says. Collections of speech and noise
    /// are often all called one split.
    public let resplit: Set<Clip.Kind>

    /// Clips whose split follows from a name.
    private var hashed: [Int] = []

    /// `path`: a manifest (`.csv`), a folder with a `manifest*.csv` or several, or a folder of a folder per word.
    /// Throws `Failure` for what is none of these.
    public init(_ paths: [String], resplit: Set<Clip.Kind> = []) throws(Failure) {
        self.resplit = resplit
        for path in paths { try add(path) }
        for kind in [Clip.Kind.real, .synthetic] { settle(kind) }
        guard !clips.isEmpty else {
            throw Failure(.noInput, "\(paths.joined(separator: ", "))", "no recordings there", "name a folder with a folder per word, or a manifest")
        }
    }

    private mutating func add(_ path: String) throws(Failure) {
        if path.hasSuffix(".csv") { return try add(manifest: path) }
        let manifests = try Self.entries(path).filter { $0.hasPrefix("manifest") && $0.hasSuffix(".csv") }
        if manifests.isEmpty { return try add(folder: path) }
        for manifest in manifests { try add(manifest: "\(path)/\(manifest)") }
    }

    /// Columns `path` (from the manifest's folder) and `word`; `speaker`, `split`, `seconds`, `licence`, `source` where there are.
    private mutating func add(manifest path: String) throws(Failure) {
        let rows: [[String: String]]
        do {
            rows = try CSV<Named>(string: String(contentsOfFile: path, encoding: .utf8), delimiter: .comma).rows
        } catch {
            guard access(path, R_OK) == 0 else { throw Failure.system("\(path)", "check the path") }
            throw Failure(.data, "\(path)", "is no table of comma-separated values", "write the columns path,word,speaker,split,seconds,licence,source")
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        for (i, row) in rows.enumerated() {
            guard let file = row["path"], let word = row["word"], !file.isEmpty, !word.isEmpty else {
                throw Failure(.data, "\(path)", "row \(i + 2) has no path or no word", "give it both; the first row names the columns")
            }
            var speaker = row["speaker"] ?? ""
            let kind = Clip.kind(folders: file.split(separator: "/").dropLast(), word: word, speaker: speaker)
            if speaker.isEmpty, kind.isWord { speaker = Clip.speaker(ofFile: file) }
            var split: Split?
            if let name = row["split"], !name.isEmpty {
                split = Split(name: name)
                guard split != nil else {
                    throw Failure(.data, "\(path)", "row \(i + 2) has the split \(name)", "write train, val or test, or nothing")
                }
            }
            add(Clip(
                path: file.hasPrefix("/") ? file : folder + file, word: word, speaker: speaker, split: split ?? .train, kind: kind,
                seconds: row["seconds"].flatMap { Double($0) }, licence: row["licence"] ?? "", source: row["source"] ?? ""), split)
        }
    }

    private mutating func add(folder path: String) throws(Failure) {
        for word in try Self.entries(path) {
            let folder = "\(path)/\(word)"
            guard Self.isFolder(folder) else { continue }
            let files = try Self.sounds(in: folder)
            if files.isEmpty { remarks.append("\(folder): no recordings in it; it is left out") }
            for file in files {
                let speaker = Clip.speaker(ofFile: file)
                add(Clip(path: file, word: word, speaker: speaker, split: .train,
                    kind: Clip.kind(folders: file.dropFirst(path.count).split(separator: "/").dropLast(), word: word, speaker: speaker)), nil)
            }
        }
    }

    private mutating func add(_ clip: Clip, _ given: Split?) {
        var clip = clip
        let isHashed = given == nil || resplit.contains(clip.kind)
        if isHashed { clip.split = Split.of(speaker: clip.kind.isWord ? clip.speaker : clip.origin) }
        if isHashed { hashed.append(clips.count) }
        clips.append(clip)
    }

    /// Too few speakers for each split to get one: the recordings are split instead.
    private mutating func settle(_ kind: Clip.Kind) {
        let ours = hashed.filter { clips[$0].kind == kind }
        let splits = Set(clips.filter { $0.kind == kind }.map(\.split))
        guard !ours.isEmpty, !splits.contains(.train) || !splits.contains(.validation) else { return }
        for i in ours { clips[i].split = Split.of(speaker: Clip.stem(of: clips[i].path)) }
        let speakers = Set(ours.map { clips[$0].speaker }).count
        remarks.append("\(kind.rawValue) words of \(speakers) \(speakers == 1 ? "speaker" : "speakers") only: split by recording, so validation flatters; record more people")
    }

    /// Sorted names in a folder, hidden ones left out.
    static func entries(_ folder: String) throws(Failure) -> [String] {
        guard let directory = opendir(folder) else { throw .system("\(folder)", "check the path") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && Int32(bitPattern: status.st_mode) & S_IFMT == S_IFDIR
    }

    /// Sound files below a folder, by their names.
    public static func sounds(in folder: String) throws(Failure) -> [String] {
        var files: [String] = []
        for name in try entries(folder) {
            let path = "\(folder)/\(name)"
            if isFolder(path) {
                files += try sounds(in: path)
            } else if [".wav", ".flac", ".mp3", ".ogg", ".opus", ".oga"].contains(where: { name.lowercased().hasSuffix($0) }) {
                files.append(path)
            }
        }
        return files
    }

    /// Clips of words that are said often enough to learn from. Throws `Failure` naming the first of `words` without any;
    /// one with a single clip, or with no speaker to judge by, is remarked upon.
    public mutating func check(words: [String]) throws(Failure) {
        for word in words where !word.hasPrefix("_") {
            let clips = clips.filter { $0.kind.isWord && $0.word == word }
            guard !clips.isEmpty else {
                throw Failure(.noInput, "the word \(word)", "there is no recording of it", "record some: katydid-forge record \(word), or synth \(word)")
            }
            let training = clips.count { $0.split == .train }
            guard training > 0 else {
                throw Failure(.noInput, "the word \(word)", "none of its \(clips.count) recordings is for training", "record more speakers, or give splits in a manifest")
            }
            if training == 1 { remarks.append("the word \(word): one recording for training: no network learns a word from that") }
            if training == clips.count { remarks.append("the word \(word): nobody left to validate on: all \(training) recordings are for training") }
        }
    }
}
