import Sockets
import Support

/// Answers GET /metrics, by HTTP/1.0, with what a `Telemetry` tells; anything else with 404. The report is written part by part
/// as the client reads it. Allocates nothing after `init`.
public final class MetricsServer: Server {
    private let telemetry: Telemetry
    private let requests: [Request]
    private var line = Line()

    /// ns in which a client has to ask and to read.
    static let patience: Int64 = 10_000_000_000
    static let requestLimit = 8192
    private static let places = 4

    /// What is known of one client.
    private final class Request {
        /// How much of "GET /metrics" has come; nil: something else did.
        var matched: Int? = 0
        var count = 0
        /// Newlines in a row: two of them end what it asks.
        var newlines = 0
        /// The next part of its answer; nil: it has not asked yet.
        var part: Int?
    }

    public init(_ address: String, _ telemetry: Telemetry) throws(Failure) {
        self.telemetry = telemetry
        requests = (0..<MetricsServer.places).map { _ in Request() }
        try super.init(address: address, clients: MetricsServer.places, room: 2 * Line.capacity)
    }

    public override func service(in set: borrowing PollSet, at now: Int64) {
        super.service(in: set, at: now)
        for (i, client) in clients.enumerated() where client.isConnected && !client.isEnding {
            while let part = requests[i].part, client.room >= Line.capacity {
                guard part < telemetry.parts else {
                    client.end()
                    break
                }
                requests[i].part = part + 1
                telemetry.write(part: part, to: &line)
                client.send(line.bytes)
                line.clear()
            }
        }
    }

    public override func heed(_ index: Int, _ event: Event, at now: Int64) -> StaticString? {
        let request = requests[index], client = clients[index]
        switch event {
        case .came:
            request.matched = 0
            request.count = 0
            request.newlines = 0
            request.part = nil
            client.deadline = now + MetricsServer.patience
        case .gone, .left: break
        case .idle: return "did not ask, or not read its answer, in 10 s"
        case .sent(let bytes):
            request.count += bytes.count
            guard request.count <= MetricsServer.requestLimit else { return "asks for too much" }
            for byte in bytes where request.newlines < 2 { take(byte, request) }
            if request.newlines == 2 && request.part == nil && !client.isEnding { answer(request, client) }
        }
        return nil
    }

    private func take(_ byte: UInt8, _ request: Request) {
        let wanted: StaticString = "GET /metrics"
        if let matched = request.matched {
            if matched < wanted.utf8CodeUnitCount {
                request.matched = byte == wanted.utf8Start[matched] ? matched + 1 : nil
            } else if matched == wanted.utf8CodeUnitCount {
                request.matched = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "?") ? .max : nil
            }
        }
        if byte == UInt8(ascii: "\n") { request.newlines += 1 } else if byte != UInt8(ascii: "\r") { request.newlines = 0 }
    }

    private func answer(_ request: Request, _ client: Client) {
        guard request.matched == .max else {
            line.append("HTTP/1.0 404 Not Found\r\nContent-Type: text/plain\r\n\r\nask for /metrics\n")
            client.send(line.bytes)
            line.clear()
            client.end()
            return
        }
        line.append("HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nConnection: close\r\n\r\n")
        client.send(line.bytes)
        line.clear()
        request.part = 0
    }
}
