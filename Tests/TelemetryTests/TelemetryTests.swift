import CLinux
import Connections
import Sockets
import Support
import Testing

@testable import Telemetry

@Suite struct TelemetryTests {
    private func report(_ telemetry: Telemetry) -> String {
        var text = ""
        for part in 0..<telemetry.parts {
            var line = Line()
            telemetry.write(part: part, to: &line)
            #expect(line.count < Line.capacity - 64, "part \(part) may be cut")
            text += String(decoding: line.bytes, as: UTF8.self)
        }
        return text
    }

    private func value(_ name: String, in report: String) -> Double? {
        report.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.utf8.count + 1)) }
    }

    @Test func aHistogramIsCumulative() {
        let telemetry = Telemetry()
        for time: Int64 in [400_000, 500_000, 600_000, 30_000_000, 500_000_000] { telemetry.hop(time, of: 20_000_000) }
        #expect((0..<Histogram.bounds.count).map { telemetry.hops[$0] } == [2, 3, 3, 3, 3, 3, 4, 4, 4])
        #expect(telemetry.hops.count == 5 && telemetry.hops.sum == 531_500_000 && telemetry.misses == 2)
        let report = report(telemetry)
        #expect(value(#"katydid_hop_seconds_bucket{le="0.0010"}"#, in: report) == 3)
        #expect(value(#"katydid_hop_seconds_bucket{le="+Inf"}"#, in: report) == 5)
        #expect(value("katydid_hop_seconds_sum", in: report) == 0.5315)
    }

    @Test func wordsKeepTheirCounts() {
        let telemetry = Telemetry()
        telemetry.listen(for: ["a", "b"], modelBytes: 1)
        telemetry.heard(word: 1, score: 0.75)
        telemetry.listen(for: ["c", "b"], modelBytes: 2)
        let report = report(telemetry)
        #expect(value(#"katydid_detections_total{word="b"}"#, in: report) == 1)
        #expect(value(#"katydid_detections_total{word="c"}"#, in: report) == 0)
        #expect(value(#"katydid_score{word="b"}"#, in: report) == 0.75)
        #expect(value("katydid_model_bytes", in: report) == 2)
        #expect(!report.contains(#"word="a""#))
    }

    /// Each sample belongs to the metric whose HELP and TYPE come before it, and no metric comes twice.
    @Test func theFormatIsPrometheus() {
        let telemetry = Telemetry()
        telemetry.listen(for: ["okay_nabu", "say \"x\""], modelBytes: 1)
        var metric = "", seen: [String] = []
        for line in report(telemetry).split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP ") {
                metric = String(words[2])
                #expect(!seen.contains(metric))
                seen.append(metric)
            } else if line.hasPrefix("# TYPE ") {
                #expect(words[2] == metric && ["counter", "gauge", "histogram"].contains(words[3]))
                #expect((words[3] == "counter") == metric.hasSuffix("_total"))
            } else {
                #expect(line.hasPrefix(metric) && Double(words.last!) != nil, "\(line)")
            }
        }
        #expect(seen.count >= 17)
    }

    @Test func whatTheKernelTells() {
        let report = report(Telemetry())
        #expect(value("katydid_resident_bytes", in: report)! > 1e5)
        #expect(value("katydid_cpu_seconds_total", in: report)! > 0)
    }

    /// `get` is written to a server of metrics; what comes back.
    private func ask(_ parts: String...) throws -> (answer: String, dropped: [String]) {
        let port = freePort()
        let telemetry = Telemetry()
        let server = try MetricsServer("127.0.0.1:\(port)", telemetry)
        telemetry.listen(for: (0..<100).map { "word_\($0)" }, modelBytes: 0)
        let client = Connection(port: port)
        var dropped: [String] = []
        var set = PollSet()
        var next = 0
        // The whole report fits neither our buffer nor one turn.
        for _ in 0..<300 {
            set.begin()
            server.wait(in: &set)
            set.add(deadline: linux_now_ns() + 10_000_000)
            set.wait()
            server.service(in: set, at: linux_now_ns())
            if let why = server.takeComplaint() { dropped.append("\(why)") }
            if server.clients[0].isConnected, next < parts.count {
                client.send(parts[next])
                next += 1
            } else if next == parts.count, !server.clients[0].isConnected {
                break
            }
        }
        return (client.receive(), dropped)
    }

    @Test func anAnswerInPieces() throws {
        let (answer, dropped) = try ask("GET /met", "rics HTTP/1.1\r\nHost: x\r", "\n\r", "\n")
        #expect(answer.hasPrefix("HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4"))
        #expect(answer.contains("\r\n\r\n# HELP katydid_opens_total"))
        #expect(answer.hasSuffix("katydid_score{word=\"word_99\"} 0.0000\n"))
        #expect(answer.utf8.count > 4 * Line.capacity && dropped == [])
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "GET /metricsx HTTP/1.1\r\n\r\n", "POST /metrics HTTP/1.1\r\n\r\n", "\n\n"])
    func somethingElse(request: String) throws {
        let (answer, _) = try ask(request)
        #expect(answer.hasPrefix("HTTP/1.0 404 Not Found\r\n"))
    }

    @Test func tooLongAQuestion() throws {
        let long = String(repeating: "x", count: 3000)
        let (answer, dropped) = try ask("GET /metrics ", long, long, long)
        #expect(answer == "" && dropped == ["asks for too much"])
    }
}
