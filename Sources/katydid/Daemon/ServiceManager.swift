import CLinux
import Support

/// What systemd is told by way of sd_notify(3), where it started us; nothing otherwise. Allocates nothing after `init`.
///
/// The watchdog is fed while sound comes in, and while we know that there is no microphone: a new process would
/// not find one either. A microphone that is open and gives nothing, though opened again and again, starves it.
struct ServiceManager: ~Copyable {
    private let fd: Int32
    private var line = Line()
    /// ns between two feedings; 0: no watchdog.
    private let interval: Int64
    private var next: Int64 = 0

    init() {
        fd = linux_notify_socket()
        // Half of what systemd allows, as it advises.
        let allowed = getenv("WATCHDOG_USEC").map { Int64(atoll($0)) } ?? 0
        interval = fd < 0 ? 0 : max(allowed, 0) * 500
    }

    deinit { if fd >= 0 { close(fd) } }

    mutating func ready(_ status: StaticString) {
        line.append("READY=1\nSTATUS=")
        tell(status)
    }

    mutating func status(_ status: StaticString) {
        line.append("STATUS=")
        tell(status)
    }

    mutating func reloading() {
        line.append("RELOADING=1\nMONOTONIC_USEC=")
        line.append(Int(linux_now_ns() / 1000))
        tell("")
    }

    mutating func stopping() {
        line.append("STOPPING=1")
        tell("")
    }

    private mutating func tell(_ rest: StaticString) {
        line.append(rest)
        if fd < 0 { line.clear() } else { line.write(to: fd) }
    }

    /// When `feed` is next needed, ns of CLOCK_MONOTONIC; nil: never.
    var deadline: Int64? { interval > 0 ? next : nil }

    /// Sound has come, or there is nowhere that it could come from.
    mutating func feed(at now: Int64) {
        guard interval > 0, now >= next else { return }
        next = now + interval
        line.append("WATCHDOG=1")
        tell("")
    }
}
