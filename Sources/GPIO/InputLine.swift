import CGPIOD
import CLinux
import Support

/// One GPIO line held as an input that reports its edges.
public struct InputLine: ~Copyable {
    /// Readable when there are edges.
    public let fd: Int32
    private let address: LineAddress
    private let chip: Chip
    private let offset: UInt32
    private let line: OpaquePointer

    /// Throws `Failure` when there is no such line, when somebody else holds it, or when we may not.
    public init(_ address: LineAddress, _ wiring: Wiring) throws(Failure) {
        let place = try Place(finding: address)
        let chip = try Chip(place.path)
        let offset = UInt32(place.offset)
        guard let line = gpio_request_input(chip.handle, offset, "katydid", wiring.request) else {
            let code = linux_errno()
            throw address.refused(chip.line(place.offset), code)
        }
        self.address = address
        self.line = line
        self.offset = offset
        fd = gpio_event_fd(line)
        self.chip = chip
    }

    deinit { gpio_release(line) }

    /// Throws `Failure` when the driver refuses.
    public func isActive() throws(Failure) -> Bool {
        let value = gpio_get(line, offset)
        guard value >= 0 else { throw .system("\(address.text)", "check that the GPIO chip is still there") }
        return value == 1
    }

    /// The next edge that has happened, ns of CLOCK_MONOTONIC; nil when there is none. Never waits.
    public func next() -> Edge? {
        var active = false
        guard linux_readable(fd, -1, 0) > 0 else { return nil }
        let time = gpio_read_edge(line, &active)
        return time < 0 ? nil : Edge(time: time, active: active)
    }
}
