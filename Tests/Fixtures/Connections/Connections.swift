import Glibc

/// A client of a socket, as tests write one: it waits, but never for more than 20 s.
public final class Connection {
    private let fd: Int32
    public private(set) var isClosed = false

    /// To 127.0.0.1:`port`.
    public init(port: UInt16) {
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var to = loopback(port)
        let failed = withUnsafeBytes(of: &to) { connect(fd, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
        isClosed = failed != 0
    }

    /// To the Unix socket at `path`.
    public init(path: String) {
        fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var to = unixAddress(path)
        let failed = withUnsafeBytes(of: &to) { connect(fd, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
        isClosed = failed != 0
    }

    deinit { close(fd) }

    /// False once the other end does not take it.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let sent = bytes.withUnsafeBytes { Glibc.send(fd, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            done += sent
        }
        return true
    }

    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// No more comes from here.
    public func finish() { shutdown(fd, Int32(SHUT_WR)) }

    /// What comes, up to and with `end` if it does: else until the other end closes, or 20 s have passed.
    public func receive(until end: String? = nil) -> String {
        var bytes: [UInt8] = []
        let end = end.map { Array($0.utf8) }
        var byte: UInt8 = 0
        while true {
            var entry = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 20_000) == 1 else { break }
            guard recv(fd, &byte, 1, 0) == 1 else {
                isClosed = true
                break
            }
            bytes.append(byte)
            if let end, bytes.count >= end.count, bytes[(bytes.count - end.count)...].elementsEqual(end) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the other end closes within 20 s; what comes until then is thrown away.
    public func getsClosed() -> Bool {
        _ = receive()
        return isClosed
    }
}

/// A service manager's end of sd_notify(3).
public final class NotifySocket {
    public let path: String
    private let fd: Int32
    public private(set) var messages: [String] = []

    public init(_ path: String) {
        self.path = path
        fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var to = unixAddress(path)
        let failed = withUnsafeBytes(of: &to) { bind(fd, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
        precondition(failed == 0)
    }

    deinit { close(fd) }

    /// Takes what has come, and waits for more until one of the messages from `first` on holds `text`; returns its number.
    public func wait(for text: String, from first: Int = 0) -> Int? {
        var next = first
        while true {
            while next < messages.count {
                if messages[next].contains(text) { return next }
                next += 1
            }
            var entry = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 20_000) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 2048)
            let count = recv(fd, &bytes, bytes.count, 0)
            guard count >= 0 else { return nil }
            messages.append(String(decoding: bytes[..<count], as: UTF8.self))
        }
    }
}

/// A port of 127.0.0.1 that nobody listens at.
public func freePort() -> UInt16 {
    let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(fd) }
    var to = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutableBytes(of: &to) { bytes in
        let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
        precondition(bind(fd, address, length) == 0 && getsockname(fd, address, &length) == 0)
        return UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
}

private func loopback(_ port: UInt16) -> sockaddr_in {
    var to = sockaddr_in()
    to.sin_family = sa_family_t(AF_INET)
    to.sin_port = port.bigEndian
    to.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return to
}

private func unixAddress(_ path: String) -> sockaddr_un {
    var to = sockaddr_un()
    to.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &to.sun_path) { room in for (i, byte) in path.utf8.enumerated() { room[i] = byte } }
    return to
}
