import Dataset
import Support

/// Judges models by the clips of a corpus and by streams of sound.
public struct Evaluator: Sendable {
    public var split = Split.validation
    public var threads = 2
    /// What is being done, and how many of how many are: from any thread.
    public var progress: (@Sendable (String, Int, Int) -> Void)?

    /// Signal-to-noise ratios of the clips, dB; nil: as recorded.
    static let ratios: [Double?] = [nil, 20, 10, 5, 0]
    /// Of the words in streams.
    public static let noisy = 10.0

    public init() {}

    /// `data` as a `Corpus` has it; `recordings`: files and folders in which nobody says any of the words.
    /// Throws `Failure` for data that cannot be read, and for models that don't know its words.
    public func evaluate(_ subjects: [Subject], data: [String], recordings: [String]) throws(Failure) -> Evaluation {
        // As the shipped models' recipes: collections of speech and noise are split by their origin.
        let corpus = try Corpus(data, resplit: [.speech, .noise])
        var files = try Stream.files(recordings)
        for clip in corpus.clips where clip.split == split && (clip.kind == .speech || clip.kind == .noise) {
            files.append(Stream.File(path: clip.path, group: "the data's \(clip.kind.rawValue)"))
        }
        files.sort { $0.group < $1.group }
        for subject in subjects { try check(subject, corpus) }
        let progress = progress
        let bank = try SoundBank(corpus, splits: [split], threads: threads) { progress?("reading", $0, $1) }
        var evaluation = Evaluation(split: split.rawValue, hours: 0, models: [], remarks: bank.remarks)
        let hasNoise = bank.clips.contains { $0.kind == .noise }
        if !hasNoise { evaluation.remarks.append("the \(split.rawValue) split has no noise: words were judged in silence alone") }

        let streams = Stream.streams(of: files)
        for subject in subjects {
            var result = Evaluation.Result(name: subject.name, path: subject.path, bytes: subject.bytes, classes: subject.classes, clips: [])
            for snr in hasNoise ? Self.ratios : [nil] {
                progress?("\(subject.name): clips", result.clips.count, Self.ratios.count)
                let set = try EvaluationSet(bank, classes: subject.classes, split: split, settings: subject.features, snr: snr)
                result.clips.append(Evaluation.ClipResult(try Confusion(of: subject, on: set, threads: threads), snr: snr))
            }
            if let manifest = subject.manifest, !streams.isEmpty {
                func tell(_ what: String) -> @Sendable (Int, Int) -> Void { { progress?("\(subject.name): \(what)", $0, $1) } }
                let clean = try Misses(manifest, bank, split: split, snr: nil, threads: threads, progress: tell("words in quiet"))
                let noisy = try Misses(
                    manifest, bank, split: split, snr: hasNoise ? Self.noisy : nil, threads: threads, progress: tell("words in noise"))
                let accepts = try FalseAccepts(manifest, streams, threads: threads, progress: tell("recordings"))
                if evaluation.hours == 0 { evaluation.remarks += accepts.remarks }
                evaluation.hours = accepts.hours
                result.listening = Evaluation.ListeningResult(manifest, accepts, clean: clean, noisy: noisy)
            }
            evaluation.models.append(result)
        }
        return evaluation
    }

    private func check(_ subject: Subject, _ corpus: Corpus) throws(Failure) {
        let said = Set(corpus.clips.filter { $0.split == split && $0.kind.isWord }.map(\.word))
        guard subject.words.contains(where: said.contains) else {
            throw Failure(
                .data, "\(subject.path)", "the \(split.rawValue) split has clips of none of its words (\(subject.words.joined(separator: ", ")))",
                "give the data of its words, or another --split")
        }
        _ = try subject.makeScorer()
    }
}
