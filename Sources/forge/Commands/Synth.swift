import ArgumentParser
import CLinux
import Dataset
import Support
import Synchronization

/// `katydid-forge synth`: words from many synthetic voices.
struct Synth: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets many synthetic voices say words, as a folder per word.",
        discussion: """
            Uses what is installed of espeak-ng, flite and festival. What is there already is kept, and a run that was stopped goes on. \
            Synthetic voices alone make half a model: add people, with katydid-forge record.
            """)

    @Argument(help: "Words to say; _ and - become spaces. With --text, folders to talk into: speech is what commands must not be heard in.")
    var words: [String]
    @Option(name: .shortAndLong, help: "The folder; each word gets one in it.")
    var output: String
    @Option(name: .shortAndLong, help: "Clips of each word.")
    var count = 200
    @Option(help: "Other common words to say, so that a network learns what is no command: how many.")
    var others = 0
    @Option(help: "Clips of each of those.")
    var othersCount = 20
    @Option(help: "A text, or a list as /usr/share/dict/words: each clip says some of its words, in the language that --accents names.")
    var text: String?
    @Option(help: "Voices, as espeak, flite-slt or espeak-en-us+f3: beginnings of their names, with commas.")
    var voices: String?
    @Option(help: "Languages or accents of espeak-ng, with commas, as de,en-us. English ones if not given.")
    var accents: String?
    @Option(help: "Another number draws other voices, rates and pitches.")
    var seed: UInt64 = 1
    @Flag(help: "Write FLAC instead of WAV.")
    var flac = false

    func run() throws { try attempt(synthesise) }

    private func synthesise() throws(Failure) {
        for word in words { try checkWord(word) }
        guard count > 0, others >= 0, othersCount > 0 else { throw Failure(.usage, "the count", "must be more than 0", "see katydid-forge help synth") }
        for engine in Voice.Engine.allCases where !engine.isInstalled {
            say("\(engine.rawValue): not installed, its voices are missing; sudo apt install \(engine.package)")
        }
        let accents = accents?.split(separator: ",").map(String.init) ?? Voice.englishAccents
        var chosen = Voice.Engine.allCases.filter(\.isInstalled).flatMap { Voice.all($0, accents: accents) }
        // Theirs speak English only.
        if self.accents != nil { chosen = chosen.filter { $0.engine == .espeak } }
        if let voices {
            let beginnings = voices.split(separator: ",")
            chosen = chosen.filter { voice in beginnings.contains { voice.speaker.hasPrefix($0) } }
        }
        var synthesiser = try Synthesiser(voices: chosen)
        synthesiser.seed = seed
        if flac { synthesiser.format = "flac" }
        if let text {
            let file = try MappedFile(text)
            synthesiser.vocabulary = String(decoding: file.bytes, as: UTF8.self)
                .split(whereSeparator: { $0.isWhitespace || $0.isNumber || $0 == "/" }).map(String.init)
            guard !synthesiser.vocabulary.isEmpty else { throw Failure(.data, "\(text)", "has no words", "name another text") }
        }
        try speak(words, count, synthesiser)
        synthesiser.vocabulary = []
        if others > 0 { try speak(CommonWords.besides(words, count: others, seed: seed), othersCount, synthesiser) }
    }

    private func speak(_ words: [String], _ count: Int, _ synthesiser: Synthesiser) throws(Failure) {
        let line = Mutex(ProgressLine())
        let complaints = try synthesiser.speak(words, count: count, into: output) { done, of in
            line.withLock { $0.show("speaking", done, of: of) }
        }
        line.withLock { $0.clear() }
        for complaint in complaints { say(complaint) }
        print("\(words.count) words, \(count) clips of each, in \(output)")
    }
}

/// Words become folders. Throws `Failure` for one that cannot.
func checkWord(_ word: String) throws(Failure) {
    guard !word.isEmpty, !word.contains("/"), word.first != ".", word.first != "_", word.first != "-", word.utf8.count < 100 else {
        throw Failure(.usage, "\(word)", "is no name for a word's folder", "use letters, digits, - and _, a letter first")
    }
}
