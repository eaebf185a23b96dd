import CLinux

/// SIGINT, SIGTERM and SIGHUP turned into a readable file descriptor, so that a program which waits in
/// poll(2) leaves by its front door and puts its outputs into their safe state on the way.
public struct StopSignals: ~Copyable {
    /// Readable from the first signal on: to be polled, never read.
    public let fd: Int32

    /// From here on the signals don't kill. Throws `Failure` when the kernel refuses a descriptor.
    public init() throws(Failure) {
        fd = linux_stop_signals()
        guard fd >= 0 else { throw .system("signals", "check the limit of open files") }
    }

    deinit { close(fd) }

    /// Whether a signal has come.
    public var requested: Bool { linux_readable(fd, -1, 0) > 0 }
}
