import CLinux

/// Signals turned into a readable file descriptor, so that a program which waits in poll(2) leaves by its front
/// door and puts its outputs into their safe state on the way.
public struct StopSignals: ~Copyable {
    public enum Signal: Sendable {
        /// SIGINT, SIGTERM.
        case stop
        /// SIGHUP.
        case reload
    }

    /// Readable when there are signals.
    public let fd: Int32

    /// From here on the signals don't kill. Throws `Failure` when the kernel refuses a descriptor.
    public init() throws(Failure) {
        fd = linux_signals()
        guard fd >= 0 else { throw .system("signals", "check the limit of open files") }
    }

    deinit { close(fd) }

    /// The next signal that has come; nil when there is none. Never waits.
    public func next() -> Signal? {
        switch linux_next_signal(fd) {
        case 0: nil
        case SIGHUP: .reload
        default: .stop
        }
    }

    /// Whether a signal has come. Leaves it there.
    public var requested: Bool { linux_readable(fd, -1, 0) > 0 }
}
