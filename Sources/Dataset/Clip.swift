/// One recording of a corpus: a word, or minutes of speech or noise.
public struct Clip: Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// A word that a person said, and one that a program said.
        case real, synthetic
        /// Running speech and running noise, of which windows are taken.
        case speech, noise
        /// Running speech in which the words may be said: only a teacher knows where.
        case unlabelled

        public var isWord: Bool { self == .real || self == .synthetic }
    }

    public var path: String
    /// The word that is said; of speech and noise, what it was called.
    public var word: String
    public var speaker: String
    public var split: Split
    public var kind: Kind
    /// nil where the manifest doesn't say, or there is none.
    public var seconds: Double?
    public var licence = "", source = ""

    /// The speaker's part of a file name: what stands before `_nohash_`, else before the first `_`, else the whole stem.
    public static func speaker(ofFile path: String) -> String {
        let stem = stem(of: path)
        if let range = stem.firstRange(of: "_nohash_") { return String(stem[..<range.lowerBound]) }
        return stem.firstIndex(of: "_").map { String(stem[..<$0]) } ?? stem
    }

    static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? String(name)
    }

    /// What a recording is, by the folders that it lies in and the program that it names as its speaker.
    static func kind(folders: some Sequence<Substring>, word: String, speaker: String) -> Kind {
        if word == "_silence_" { return .noise }
        for folder in folders {
            switch folder {
            case "noise", "_noise_", "_background_noise_", "background_noise", "_silence_": return .noise
            case "speech", "_speech_": return .speech
            case "unlabelled", "_unlabelled_": return .unlabelled
            case "synthetic", "_synthetic_": return .synthetic
            default: continue
            }
        }
        return isProgram(speaker) ? .synthetic : .real
    }

    /// Whether a program speaks.
    var isSynthetic: Bool { kind == .synthetic || Self.isProgram(speaker) }

    private static func isProgram(_ speaker: String) -> Bool { synthesisers.contains { speaker.hasPrefix($0) } }

    static let synthesisers = ["espeak-", "flite-", "festival-"]

    /// Running recordings of one origin share a split: takes that differ in a last letter, and qualities of one track.
    var origin: String {
        let name = path.split(separator: "/").last ?? ""
        var stem = name.prefix { $0 != "." }
        if stem.dropLast().last == "-", stem.last?.isLetter == true { stem = stem.dropLast(2) }
        return String(stem)
    }
}
