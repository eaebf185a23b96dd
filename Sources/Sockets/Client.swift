import CLinux
import Support

/// One who is connected to a `Server`: a socket, and what could not be sent to it yet, in a buffer that never grows.
public final class Client {
    private(set) var fd: Int32 = -1
    /// When it is dropped for having been idle, ns of CLOCK_MONOTONIC; nil: never.
    public var deadline: Int64?
    /// Whether it goes once all is sent.
    public internal(set) var isEnding = false
    /// Whether it did not read what it was sent.
    private(set) var isSlow = false
    private var queue: UnsafeMutableBufferPointer<UInt8>
    private var queued = 0
    var slot = -1

    init(room: Int) { queue = .allocate(capacity: room) }

    deinit {
        leave()
        queue.deallocate()
    }

    public var isConnected: Bool { fd >= 0 }
    /// Bytes that `send` still takes.
    public var room: Int { queue.count - queued }
    var isWaiting: Bool { queued > 0 }

    func enter(_ fd: Int32) {
        self.fd = fd
        queued = 0
        deadline = nil
        isEnding = false
        isSlow = false
    }

    /// Goes as soon as all is sent: perhaps now.
    public func end() {
        isEnding = true
        if !isWaiting { leave() }
    }

    public func leave() {
        if fd >= 0 { close(fd) }
        fd = -1
        queued = 0
    }

    /// Sends `bytes`, or keeps what the socket does not take at once. One who leaves more unread than is kept is dropped: it
    /// would get half of something.
    public func send(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard isConnected, !isSlow, let first = bytes.baseAddress, let end = queue.baseAddress else { return }
        guard bytes.count <= room else {
            isSlow = true
            return
        }
        (end + queued).copy(from: first, count: bytes.count)
        queued += bytes.count
        flush()
    }

    func flush() {
        guard isConnected, queued > 0, let first = queue.baseAddress else { return }
        let sent = write(fd, first, queued)
        // What a socket in error has to say comes with the next read.
        guard sent > 0 else { return }
        queued -= sent
        if queued > 0 { first.copy(from: first + sent, count: queued) }
    }

    /// Makes room for answers of another size. Allocates.
    func reserve(_ count: Int) {
        guard count > queue.count else { return }
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
        if let to = larger.baseAddress, let from = queue.baseAddress { to.copy(from: from, count: queued) }
        queue.deallocate()
        queue = larger
    }
}
