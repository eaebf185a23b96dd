import CLinux
import Dispatch
import Support
import Synchronization

/// The sounds of a corpus in memory, and what is loud in each: an hour is 115 MB.
public final class SoundBank: Sendable {
    public let clips: [Clip]
    /// [clips][samples], 16 kHz.
    public let sounds: [[Int16]]
    public let loudness: [Loudness]
    /// Of clips that were left out or should be looked at: one line each.
    public let remarks: [String]

    /// Reads the clips of some splits on `threads` threads. `progress` is told how many of how many are read, from any
    /// thread. What cannot be read is left out with a remark; throws `Failure` where nothing can.
    public init(
        _ corpus: Corpus, splits: Set<Split>, threads: Int = 2, progress: (@Sendable (Int, Int) -> Void)? = nil
    ) throws(Failure) {
        let wanted = corpus.clips.filter { splits.contains($0.split) }
        let results = Mutex([Result<[Int16], Failure>?](repeating: nil, count: wanted.count))
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: max(threads, 1)) { _ in
            let mode = linux_flush_denormals()
            defer { linux_restore_denormals(mode) }
            let converter = RateConverter()
            while true {
                let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard i < wanted.count else { return }
                let result = Result { () throws(Failure) in
                    try Sound.read(
                        wanted[i].path, limit: wanted[i].kind.isWord ? Sound.clipLimit : Sound.recordingLimit, converter: converter)
                }
                results.withLock { $0[i] = result }
                if i % 64 == 0 || i == wanted.count - 1 { progress?(i + 1, wanted.count) }
            }
        }
        var clips: [Clip] = [], sounds: [[Int16]] = [], remarks = corpus.remarks
        for (clip, result) in zip(wanted, results.withLock({ $0 })) {
            switch result {
            case .success(let sound):
                let remark = Sound.remark(on: sound)
                // Silence is noise of a kind; as a word it would teach that nothing is one.
                if remark == .silent && clip.kind.isWord || remark != nil && !clip.kind.isWord && remark == .silent {
                    remarks.append("\(clip.path): \(Sound.Remark.silent.text); it is left out")
                    continue
                }
                if let remark, clip.kind.isWord { remarks.append("\(clip.path): \(remark.text)") }
                clips.append(clip)
                sounds.append(sound)
            case .failure(let failure): remarks.append("\(failure.what): \(failure.why); it is left out")
            case nil: break
            }
        }
        guard !clips.isEmpty else {
            throw Failure(.noInput, "the recordings", "none of \(wanted.count) can be used", "\(remarks.first ?? "add some")")
        }
        self.clips = clips
        self.sounds = sounds
        self.remarks = remarks
        loudness = sounds.map { Loudness($0) }
    }
}
