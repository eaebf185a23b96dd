import CLinux
import Connections
import Support
import Testing

@testable import Sockets

@Suite struct ServerTests {
    private let folder: String = {
        var template = Array("/tmp/katydid-sockets-XXXXXX".utf8CString)
        return String(cString: mkdtemp(&template))
    }()
    private var path: String { folder + "/x.sock" }

    /// Clients hear themselves back.
    private final class Echo: Server {
        var gone = 0

        override func heed(_ client: Int, _ event: Event, at now: Int64) -> StaticString? {
            switch event {
            case .came: clients[client].deadline = 1000
            case .gone: gone += 1
            case .left: return "left"
            case .idle: return "idle"
            case .sent(let bytes): clients[client].send(bytes)
            }
            return nil
        }
    }

    private final class Loop {
        let server: Echo
        var dropped: [String] = []
        var gone: Int { server.gone }
        private var set = PollSet()

        init(_ server: Echo) { self.server = server }

        func turn(at now: Int64 = 0) {
            set.begin()
            server.wait(in: &set)
            set.add(deadline: linux_now_ns() + 100_000_000)
            set.wait()
            server.service(in: set, at: now)
            if let why = server.takeComplaint() { dropped.append("\(why)") }
        }

        /// Turns until `done`, at most 20 s.
        func turn(until done: () -> Bool) -> Bool {
            for _ in 0..<200 {
                if done() { return true }
                turn()
            }
            return false
        }
    }

    private func loop(clients: Int = 2, room: Int = 64) throws -> Loop { Loop(try Echo(address: path, clients: clients, room: room)) }

    @Test(arguments: ["127.0.0.1:10400", "[::1]:10400", "*:10400", "/run/x.sock", "[fe80::1]:1"]) func addresses(text: String) throws { try Server.check(text) }

    @Test(arguments: [
        "", "localhost:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "127.0.0.1:1x", ":10400", "::1:10400", "[::1]", "x.sock",
        "/" + String(repeating: "x", count: 108),
    ])
    func noAddresses(text: String) { #expect(throws: Failure.self) { try Server.check(text) } }

    @Test func anybodyGetsAnAnswer() throws {
        let loop = try loop()
        let client = Connection(path: path)
        client.send("hello")
        #expect(loop.turn { loop.server.clients[0].isConnected })
        loop.turn()
        #expect(client.receive(until: "o") == "hello")
        client.finish()
        #expect(loop.turn { loop.gone == 1 })
        #expect(loop.dropped == ["left"])
    }

    @Test func itsGroupMayTalkToIt() throws {
        let loop = try loop()
        var status = stat()
        #expect(lstat(loop.server.address, &status) == 0 && status.st_mode & 0o777 == 0o660)
    }

    @Test func aSocketThatSomebodyListensAtIsLeftToThem() throws {
        let loop = try loop()
        #expect(throws: Failure.self) { try Server(address: path, clients: 1, room: 64) }
        _ = Connection(path: path)
        #expect(loop.turn { loop.gone == 1 })
    }

    @Test func whatADeadProcessLeftIsReplaced() throws {
        // A descriptor that is closed behind the server's back leaves the file, as a kill does.
        let fd = linux_listen(path)
        #expect(fd >= 0)
        close(fd)
        #expect(access(path, F_OK) == 0)
        _ = try loop()
        #expect(access(path, F_OK) != 0)
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let fd = linux_open(path, O_CREAT | O_WRONLY, 0o600)
        close(fd)
        #expect(throws: Failure.self) { try Server(address: path, clients: 1, room: 64) }
        #expect(access(path, F_OK) == 0)
    }

    @Test func moreThanThereIsRoomForAreSentAway() throws {
        let loop = try loop(clients: 1)
        let first = Connection(path: path)
        #expect(loop.turn { loop.server.clients[0].isConnected })
        let others = [Connection(path: path), Connection(path: path)]
        for other in others {
            loop.turn()
            #expect(other.getsClosed())
        }
        #expect(loop.dropped.count == 1, "told once: \(loop.dropped)")
        first.send("a")
        loop.turn()
        #expect(first.receive(until: "a") == "a")
    }

    @Test func whoDoesNotReadIsDropped() throws {
        let loop = try loop(room: 8192)
        let client = Connection(path: path)
        #expect(loop.turn { loop.server.clients[0].isConnected })
        // More than the kernel keeps for it and we do.
        let line = [UInt8](repeating: 65, count: 4096)
        for _ in 0..<1000 { line.withUnsafeBufferPointer { loop.server.clients[0].send($0) } }
        #expect(loop.turn { loop.gone == 1 })
        #expect(loop.dropped == ["does not read what it is sent"])
        #expect(client.getsClosed())
    }

    @Test func whatIsLeftIsSentOnceItReads() throws {
        let loop = try loop(room: 1 << 20)
        let client = Connection(path: path)
        #expect(loop.turn { loop.server.clients[0].isConnected })
        var text = [UInt8](repeating: 65, count: 600_000)
        for i in text.indices where i % 20_000 == 19_999 { text[i] = 95 }
        text.withUnsafeBufferPointer { loop.server.clients[0].send($0) }
        #expect(loop.server.clients[0].isWaiting)
        loop.server.clients[0].end()
        var read: [UInt8] = []
        while read.count < text.count {
            read += Array(client.receive(until: "_").utf8)
            loop.turn()
            if client.isClosed { break }
        }
        #expect(read == text)
        #expect(loop.dropped == [] && loop.gone == 1)
    }

    @Test func whoDoesNothingIsDropped() throws {
        let loop = try loop()
        let client = Connection(path: path)
        #expect(loop.turn { loop.server.clients[0].isConnected })
        loop.turn(at: 999)
        #expect(loop.dropped == [])
        loop.turn(at: 1000)
        #expect(loop.dropped == ["idle"])
        #expect(client.getsClosed())
    }

    @Test func anotherPortThanOnesOwn() throws {
        let port = freePort()
        let loop = Loop(try Echo(address: "127.0.0.1:\(port)", clients: 1, room: 64))
        let client = Connection(port: port)
        client.send("x")
        #expect(loop.turn { loop.server.clients[0].isConnected })
        loop.turn()
        #expect(client.receive(until: "x") == "x")
    }
}
