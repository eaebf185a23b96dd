import CALSA
import CLinux
import Support

/// A microphone that comes back: sound while there is some, and what happened where there is none.
///
///     microphone.wait(in: &set)                    // before the loop sleeps
///     set.wait()
///     microphone.woken(by: set)                    // after it
///     while case .sound(let frames) = microphone.read(into: buffer) { … }
///
/// Never waits itself. An overrun begins anew at once; a device that is gone, suspended, in error or silent
/// without one is closed and opened again by its name: at once, then after 0.1 s, 0.2 s and so on up to 1 s, until there is sound.
/// Only opening allocates.
public struct Microphone: ~Copyable {
    public enum Loss: Equatable, Sendable {
        /// We came too late, and the device had to throw sound away.
        case overrun
        /// No sound and no error: an unplugged device under dsnoop, a USB bus that hangs.
        case stalled
        /// The machine slept.
        case suspended
        /// libasound's error code, as -ENODEV.
        case error(Int32)
    }

    public enum Reading: Equatable, Sendable {
        case sound(frames: Int)
        /// Nothing before the next wait.
        case nothing
        /// What follows does not continue what went before.
        case lost(Loss)
        /// The device was opened: `rate` and `channels` may be new.
        case opened
    }

    /// What happened since the start.
    public struct Counts: Sendable {
        public var overruns = 0, stalls = 0, errors = 0, opens = 0
    }

    public let settings: CaptureSettings
    public private(set) var counts = Counts()
    /// Why the last attempt to open failed; nil once it succeeded.
    public private(set) var failure: Failure?

    private var device: AlsaDevice?
    private var agreed = Agreement()
    /// ns of CLOCK_MONOTONIC: when there was sound last, and when to open next.
    private var lastSound: Int64 = 0
    private var retry: Int64 = 0
    private var backOff: Int64 = 0
    private let patience: Int64
    /// An overrun was the last that happened: beginning anew did not help if it is the next, too.
    private var isRestarted = false
    /// How often the device woke us since there was sound.
    private var emptyWakes = 0

    private static let shortest: Int64 = 100_000_000, longest: Int64 = 1_000_000_000  // ns
    /// More wake-ups than this without sound, and time is trusted instead: an unplugged device under dsnoop is ready for ever.
    private static let toleratedWakes = 16

    /// Opens nothing yet.
    public init(_ settings: CaptureSettings) {
        self.settings = settings
        // A healthy device delivers every period.
        patience = max(1_000_000_000, 2_000_000 * Int64(settings.buffer))
    }

    public var isOpen: Bool { device != nil }
    /// It could not be opened the last time.
    public var isMissing: Bool { device == nil && failure != nil }
    /// Frames per second and samples per frame of the device that was opened last; 0 before the first.
    public var rate: Int { agreed.rate }
    public var channels: Int { agreed.channels }
    /// Frames between two wake-ups and in the device's buffer, as it granted them.
    public var periodFrames: Int { agreed.periodFrames }
    public var bufferFrames: Int { agreed.bufferFrames }

    /// Opens the device now, for a caller who would rather not wait for a device that is not there.
    public mutating func open() throws(Failure) {
        let opened = try AlsaDevice(settings)
        agreed = opened.agreed
        device = consume opened
        counts.opens += 1
        failure = nil
        isRestarted = false
        emptyWakes = 0
        lastSound = linux_now_ns()
    }

    public mutating func wait(in set: inout PollSet) {
        if emptyWakes < Microphone.toleratedWakes {
            device?.wait(in: &set)
        } else {
            set.add(deadline: linux_now_ns() + 250_000 * Int64(settings.period))
        }
        set.add(deadline: device == nil ? retry : lastSound + patience)
    }

    public mutating func woken(by set: borrowing PollSet) {
        guard emptyWakes < Microphone.toleratedWakes else { return }
        if device?.woken(by: set) == true { emptyWakes += 1 }
    }

    /// At most as many frames as `buffer` holds, interleaved; to be called until it returns `.nothing`.
    public mutating func read(into buffer: UnsafeMutableBufferPointer<Int16>) -> Reading {
        let now = linux_now_ns()
        guard let n = device?.read(into: buffer) else { return reopen(now) }
        if n > 0 {
            lastSound = now
            backOff = 0
            isRestarted = false
            emptyWakes = 0
            return .sound(frames: n)
        }
        if n == 0 {
            guard now - lastSound >= patience else { return .nothing }
            counts.stalls += 1
            return abandon(.stalled, now)
        }
        switch -Int32(n) {
        case EPIPE where !isRestarted:
            counts.overruns += 1
            isRestarted = true
            if let code = device?.restart(), code < 0 { return abandon(.error(code), now) }
            lastSound = now
            return .lost(.overrun)
        case ESTRPIPE: return abandon(.suspended, now)
        default:
            counts.errors += 1
            return abandon(.error(Int32(n)), now)
        }
    }

    private mutating func abandon(_ loss: Loss, _ now: Int64) -> Reading {
        device = nil
        emptyWakes = 0
        postpone(now)
        return .lost(loss)
    }

    private mutating func reopen(_ now: Int64) -> Reading {
        guard now >= retry else { return .nothing }
        do throws(Failure) {
            try open()
            return .opened
        } catch {
            failure = error
            postpone(linux_now_ns())
            return .nothing
        }
    }

    private mutating func postpone(_ now: Int64) {
        retry = now + backOff
        backOff = min(max(2 * backOff, Microphone.shortest), Microphone.longest)
    }
}

extension Microphone {
    /// An error code of libasound in words.
    public static func text(of code: Int32) -> String { String(cString: snd_strerror(code)) }
}
