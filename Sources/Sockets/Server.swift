import CLinux
import Support

/// A listening socket and a table of clients, driven by the one loop:
///
///     server.wait(in: &set)                        // before the loop sleeps
///     set.wait()
///     server.service(in: set, at: now)             // after it
///     while let why = server.takeComplaint() { … } // why somebody was dropped: for the log
///
/// A service is a subclass that says what clients are answered.
///
/// Nobody is waited for: one who does not read, or does nothing for too long, is dropped. Of each client at most
/// `Server.chunk` bytes are taken in one turn, so that no one of them keeps the loop from its microphone.
/// Allocates nothing after `init`.
open class Server {
    public enum Event {
        /// A client is here.
        case came
        /// It has been dropped, or has gone by itself.
        case gone
        case sent(UnsafeBufferPointer<UInt8>)
        /// It closed its end.
        case left
        /// Its deadline has come.
        case idle
    }

    public static let chunk = 4096

    public let address: String
    public let clients: [Client]
    private let fd: Int32
    private var slot = -1
    /// Why the client was dropped that was last; one at a time is enough for a log.
    private var complaint: StaticString?
    private var isFull = false
    private let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Server.chunk)

    /// `address`: 127.0.0.1:PORT, [::1]:PORT, *:PORT or the path of a Unix socket. `room`: bytes that are kept for each client
    /// while it does not read. Throws `Failure` for no address, and for one that is taken.
    public init(address: String, clients count: Int, room: Int) throws(Failure) {
        try Server.check(address)
        fd = linux_listen(address)
        guard fd >= 0 else {
            throw .system("\(address)", linux_errno() == EADDRINUSE ? "another program listens there; choose another" : "choose another address")
        }
        self.address = address
        var clients: [Client] = []
        for _ in 0..<count { clients.append(Client(room: room)) }
        self.clients = clients
    }

    deinit {
        close(fd)
        if address.utf8.first == UInt8(ascii: "/") { unlink(address) }
        bytes.deallocate()
    }

    public static func check(_ address: String) throws(Failure) {
        guard linux_is_address(address) != 0 else {
            throw Failure(
                .configuration, "\(address)", "no address to listen at",
                "write 127.0.0.1:PORT, [::1]:PORT, *:PORT for everybody, or /PATH of a Unix socket")
        }
    }

    public func reserve(room: Int) { for client in clients { client.reserve(room) } }

    public func wait(in set: inout PollSet) {
        slot = set.add(fd)
        for client in clients where client.isConnected {
            client.slot = set.add(client.fd, for: client.isWaiting ? POLLIN | POLLOUT : POLLIN)
            set.add(deadline: client.deadline)
        }
    }

    /// What client `client` did, at `now`. Returns why it is dropped, empty if nobody need know; nil: it may stay.
    open func heed(_ client: Int, _ event: Event, at now: Int64) -> StaticString? { nil }

    open func service(in set: borrowing PollSet, at now: Int64) {
        for (i, client) in clients.enumerated() where client.isConnected {
            guard let why = serve(i, client, set.events(client.slot), now) else { continue }
            client.leave()
            _ = heed(i, .gone, at: now)
            if why.utf8CodeUnitCount > 0 { complaint = why }
        }
        if set.events(slot) != 0 { accept(now) }
    }

    public func takeComplaint() -> StaticString? {
        defer { complaint = nil }
        return complaint
    }

    private func serve(_ index: Int, _ client: Client, _ events: Int32, _ now: Int64) -> StaticString? {
        if events & POLLOUT != 0 { client.flush() }
        if client.isSlow { return "does not read what it is sent" }
        if events & ~POLLOUT != 0 {
            let count = read(client.fd, bytes.baseAddress, bytes.count)
            if count > 0 {
                if let why = heed(index, .sent(UnsafeBufferPointer(rebasing: bytes[..<count])), at: now) { return why }
            } else if count == 0 || (linux_errno() != EAGAIN && linux_errno() != EINTR) {
                return heed(index, .left, at: now) ?? ""
            }
        }
        if client.isEnding && !client.isWaiting { return "" }
        if let deadline = client.deadline, now >= deadline { return heed(index, .idle, at: now) }
        return nil
    }

    private func accept(_ now: Int64) {
        // What is not taken now comes with the next turn.
        let new = linux_accept(fd)
        guard new >= 0 else { return }
        for (i, client) in clients.enumerated() where !client.isConnected {
            client.enter(new)
            isFull = false
            _ = heed(i, .came, at: now)
            return
        }
        close(new)
        if !isFull { complaint = "came when there was no room for more; others are sent away without a word" }
        isFull = true
    }
}
