import Dataset
import Support

extension Confusion {
    /// What `subject` takes the clips of `set` for.
    public init(of subject: Subject, on set: EvaluationSet, threads: Int = 2) throws(Failure) {
        self.init(subject.classes)
        let size = set.settings.count, part = 64
        let answers = try inParallel((set.count + part - 1) / part, threads: threads, state: subject.makeScorer) { scorer, i in
            (i * part..<min((i + 1) * part, set.count)).map { n in
                set.features.withUnsafeBufferPointer { largest(scorer.scores(UnsafeBufferPointer(rebasing: $0[n * size..<(n + 1) * size]))) }
            }
        }
        for (label, said) in zip(set.labels, answers.joined()) { add(Int(label), takenFor: said) }
    }
}
