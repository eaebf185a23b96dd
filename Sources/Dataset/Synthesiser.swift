import CLinux
import Dispatch
import Support
import Synchronization

/// Lets many voices say words, into a folder per word of `VOICE_nohash_N.wav`, the voice being the speaker.
///
/// What is there already is kept and counted, so that a run that was stopped goes on.
public struct Synthesiser: Sendable {
    public var voices: [Voice]
    public var seed: UInt64 = 1
    /// Words to draw running speech from: each clip says some of them instead of its folder's name.
    public var vocabulary: [String] = []
    /// `wav` or `flac`
    public var format = "wav"
    public var threads = 2

    /// Throws `Failure` where there are no voices.
    public init(voices: [Voice]) throws(Failure) {
        guard !voices.isEmpty else {
            throw Failure(.unavailable, "the voices", "no synthesiser is installed, or none has such a voice", "sudo apt install \(Voice.Engine.allCases.map(\.package).joined(separator: " "))")
        }
        self.voices = voices
    }

    /// Makes `count` clips of each word. Returns one line for every voice that could not speak. `progress`: how many of how many,
    /// from any thread. Throws `Failure` for a folder that cannot be written to, and where not one clip came out.
    public func speak(
        _ words: [String], count: Int, into folder: String, progress: (@Sendable (Int, Int) -> Void)? = nil
    ) throws(Failure) -> [String] {
        for word in words { try Self.makeFolder("\(folder)/\(word)") }
        let total = words.count * count
        let next = Atomic(0), made = Atomic(0)
        let mute = Mutex([String: String]()), failure = Mutex(Failure?.none)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let job = next.wrappingAdd(1, ordering: .relaxed).oldValue
                // A full disk stays full.
                guard job < total, failure.withLock({ $0 == nil }) else { return }
                // Word after word, so that a run that is stopped has some of each.
                let word = words[job % words.count], number = job / words.count
                do throws(Failure) {
                    if let complaint = try clip(word, number, in: "\(folder)/\(word)") {
                        mute.withLock { $0[complaint.voice] = complaint.why }
                    } else {
                        made.wrappingAdd(1, ordering: .relaxed)
                    }
                } catch { failure.withLock { $0 = error } }
                progress?(job + 1, total)
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        let complaints = mute.withLock { $0 }.sorted { $0.key < $1.key }.map { "the voice \($0.key): \($0.value); left out" }
        guard made.load(ordering: .relaxed) > 0 else {
            throw Failure(.unavailable, "the voices", "not one of them said a word", "\(complaints.first ?? "try others: --voices")")
        }
        return complaints
    }

    /// One clip; nil, or which voice could not speak, and why.
    private func clip(_ word: String, _ number: Int, in folder: String) throws(Failure) -> (voice: String, why: String)? {
        var generator = Generator(seed ^ UInt64(SHA1.digest(word.utf8)[0]), 0, number)
        let voice = draw(&generator)
        let path = "\(folder)/\(voice.speaker)_nohash_\(number).\(format)"
        if access(path, R_OK) == 0 { return nil }
        // Names are lists of a word and its parts: what is said has spaces.
        let said =
            vocabulary.isEmpty
            ? String(word.map { $0 == "_" || $0 == "-" ? " " : $0 })
            : (0..<generator.index(8) + 5).map { _ in vocabulary[generator.index(vocabulary.count)] }.joined(separator: " ")
        let text = said + ["", "", ".", "!", "?"][generator.index(5)]
        let raw = "\(path).raw"
        defer {
            unlink(raw)
            unlink(raw + ".txt")
        }
        let rate = generator.between(0.75, 1.3), pitch = generator.between(-1, 1)
        if voice.engine == .festival {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
            defer { bytes.deallocate() }
            bytes.copyBytes(from: text.utf8)
            try writeFile(raw + ".txt", [UnsafeRawBufferPointer(bytes)])
        }
        guard run(voice.command(text, to: raw, rate: rate, pitch: pitch)) else { return (voice.speaker, "\(voice.engine.program) failed") }
        let sound: [Int16]
        do throws(Failure) { sound = try Sound.read(raw) } catch { return (voice.speaker, error.why) }
        if Sound.remark(on: sound) == .silent { return (voice.speaker, "stayed silent") }
        let loudness = Loudness(sound)
        let gain = 0.7 * 32767 / loudness.peak
        try Sound.write(sound[loudness.extent].map { Sound.sample(Float($0) * gain) }, to: path)
        return nil
    }

    /// Engines by how many people their voices could be, then any voice of it.
    private func draw(_ generator: inout Generator) -> Voice {
        let groups = Voice.Engine.allCases.map { engine in voices.filter { $0.engine == engine } }
        var at = generator.unit() * groups.reduce(0) { $0 + Double($1.count).squareRoot() }
        for group in groups {
            let weight = Double(group.count).squareRoot()
            if at < weight { return group[generator.index(group.count)] }
            at -= weight
        }
        return voices[generator.index(voices.count)]
    }

    /// Runs a program and waits for it. True: it ended well.
    private func run(_ command: [String]) -> Bool {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        for name: String in ["PATH", "HOME"] {
            if let value = getenv(name) { environment.insert(strdup("\(name)=\(String(cString: value))"), at: 0) }
        }
        defer { for p in arguments + environment { free(p) } }
        let pid = linux_spawn(&arguments, &environment)
        guard pid > 0 else { return false }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 { if linux_errno() != EINTR { return false } }
        return status == 0
    }

    /// With the folders above it. Throws `Failure` where one cannot be made.
    public static func makeFolder(_ path: String) throws(Failure) {
        if Corpus.isFolder(path) { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try makeFolder(String(path[..<slash])) }
        guard mkdir(path, 0o755) == 0 || linux_errno() == EEXIST else { throw .system("\(path)", "name a folder that you may write to") }
    }
}
