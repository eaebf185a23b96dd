import CLinux
import Support

/// Keeps the last seconds of sound, and writes those around a detection to a WAV file, a little at a time,
/// so that a slow SD card never stops the listening.
///
/// Files are `detection-000.wav` and so on up to `files`, then the oldest is replaced: a full day of false alarms
/// fills no disk. Written as `.part` and renamed. Int16 mono. Allocates nothing after `init`.
public struct Recorder: ~Copyable {
    public struct Settings: Sendable {
        public var folder: String
        /// Seconds of sound in a file, of which `after` follow the detection.
        public var seconds = 4.0
        public var after = 1.0
        public var files = 50

        public init(folder: String) { self.folder = folder }
    }

    private let settings: Settings
    private let rate: Int
    private let ring: UnsafeMutableBufferPointer<Int16>
    /// Samples heard; the ring holds the last of them.
    private var heard = 0
    /// Of the file under way: its number, its first sample and the one behind its last, and what was written.
    private var next: Int
    private var first = 0
    private var end = 0
    private var written = 0
    private var isDue = false
    private var fd: Int32 = -1
    private var failure: Failure?
    private let path: UnsafeMutablePointer<CChar>
    private let temporary: UnsafeMutablePointer<CChar>
    private let nameStart: Int
    private let piece: UnsafeMutablePointer<Int16>

    /// Samples written at a time: 4 KB.
    private static let pieceSamples = 2048
    /// Sound that may come while a file is being written.
    private static let slack = 2.0  // s

    /// Throws `Failure` for a folder that cannot be written to. `rate`: Hz of the sound.
    public init(_ settings: Settings, rate: Int) throws(Failure) {
        guard access(settings.folder, W_OK | X_OK) == 0 else {
            throw .system("\(settings.folder)", "name a folder that katydid may write to")
        }
        self.settings = settings
        self.rate = rate
        ring = .allocate(capacity: Int((settings.seconds + Recorder.slack) * Double(rate)))
        ring.initialize(repeating: 0)
        let stem = settings.folder + "/detection-"
        nameStart = stem.utf8.count
        path = strdup(stem + "000.wav")
        temporary = strdup(stem + "000.part")
        piece = .allocate(capacity: Recorder.pieceSamples)
        next = 0
        next = oldest()
    }

    deinit {
        if fd >= 0 {
            close(fd)
            unlink(temporary)
        }
        ring.deallocate()
        free(path)
        free(temporary)
        piece.deallocate()
    }

    /// The number of the first file that is missing, or else of the oldest.
    private func oldest() -> Int {
        var found = 0
        var time = Int.max
        for i in 0..<settings.files {
            name(i)
            var status = stat()
            if stat(path, &status) != 0 { return i }
            if status.st_mtim.tv_sec < time {
                time = status.st_mtim.tv_sec
                found = i
            }
        }
        return found
    }

    private func name(_ number: Int) {
        for (i, power) in [100, 10, 1].enumerated() {
            let digit = CChar(48 + number / power % 10)
            path[nameStart + i] = digit
            temporary[nameStart + i] = digit
        }
    }

    /// A detection just now: its sound is written once what follows it has come. One that comes while a
    /// file is under way is in that file, or close behind it. Returns the file's number, nil where there will be no file of its own.
    public mutating func detected() -> Int? {
        guard !isDue else { return nil }
        end = heard + Int(settings.after * Double(rate))
        first = max(end - Int(settings.seconds * Double(rate)), 0)
        written = 0
        isDue = true
        return next
    }

    /// Hears mono sound, and writes a piece of a file if there is one under way.
    public mutating func hear(_ sound: UnsafeBufferPointer<Int16>) {
        for sample in sound {
            ring[heard % ring.count] = sample
            heard += 1
        }
        if isDue && heard >= end { write() }
    }

    /// The newest failed write that was not told yet.
    public mutating func takeFailure() -> Failure? {
        let newest = failure
        failure = nil
        return newest
    }

    private mutating func write() {
        if fd < 0 {
            name(next)
            fd = linux_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard fd >= 0 else { return giveUp(linux_errno()) }
            writeWavHeader(to: piece, rate: rate, samples: end - first)
            guard put(wavHeaderBytes) else { return }
        }
        let count = min(Recorder.pieceSamples, end - first - written)
        for i in 0..<count { piece[i] = ring[(first + written + i) % ring.count] }
        guard put(2 * count) else { return }
        written += count
        guard written == end - first else { return }
        let closed = close(fd)
        fd = -1
        guard closed == 0, rename(temporary, path) == 0 else { return giveUp(linux_errno()) }
        isDue = false
        next = (next + 1) % settings.files
    }

    /// Writes the first bytes of `piece`; false once that failed.
    private mutating func put(_ bytes: Int) -> Bool {
        let n = CLinux.write(fd, piece, bytes)
        if n != bytes { giveUp(n < 0 ? linux_errno() : ENOSPC) }
        return n == bytes
    }

    /// A full disk, a card pulled out: this sound is not kept, listening goes on.
    private mutating func giveUp(_ code: Int32) {
        failure = .system("\(settings.folder)", "free some space; this detection's sound is not kept", errno: code)
        if fd >= 0 { close(fd) }
        fd = -1
        unlink(temporary)
        isDue = false
    }
}
