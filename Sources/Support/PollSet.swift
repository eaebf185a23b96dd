import CLinux

/// What one loop waits for: descriptors, and the first moment at which somebody has something to do.
///
///     set.begin()
///     let slot = set.add(fd)               // each part of the program adds its own …
///     set.add(deadline: pattern.deadline)
///     set.wait()
///     if set.events(slot) != 0 { … }       // … and looks afterwards whether it was meant
///
/// Built anew each time: nothing is registered, so nothing can be forgotten. Allocates nothing after `init`.
public struct PollSet: ~Copyable {
    private let entries: UnsafeMutableBufferPointer<pollfd>
    private var count = 0
    /// ns of CLOCK_MONOTONIC; nil: for ever.
    private var deadline: Int64?

    /// Descriptors beyond `capacity` are not waited for.
    public init(capacity: Int = 64) { entries = .allocate(capacity: capacity) }
    deinit { entries.deallocate() }

    public mutating func begin() {
        count = 0
        deadline = nil
    }

    /// Waits for `events` of poll(2) on `fd`; returns where `events(_:)` finds them. A negative descriptor is never ready.
    @discardableResult
    public mutating func add(_ fd: Int32, for events: Int32 = POLLIN) -> Int {
        guard count < entries.count else { return -1 }
        entries[count] = pollfd(fd: fd, events: Int16(truncatingIfNeeded: events), revents: 0)
        count += 1
        return count - 1
    }

    /// Waits no longer than to `time`, ns of CLOCK_MONOTONIC; nil: no wish.
    public mutating func add(deadline time: Int64?) {
        guard let time else { return }
        deadline = min(deadline ?? time, time)
    }

    /// Sleeps until a descriptor is ready, the first deadline has come, or a signal came.
    public mutating func wait() {
        let ready: Int32
        if let deadline {
            let left = max(deadline - linux_now_ns(), 0)
            var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
            ready = linux_poll(entries.baseAddress, nfds_t(count), &time)
        } else {
            ready = linux_poll(entries.baseAddress, nfds_t(count), nil)
        }
        if ready <= 0 { for i in 0..<count { entries[i].revents = 0 } }
    }

    /// What happened at a slot that `add` returned; 0: nothing.
    public func events(_ slot: Int) -> Int32 { slot < 0 ? 0 : Int32(entries[slot].revents) }
}
