import Support
import Testing

@testable import Wyoming

@Suite struct EventParserTests {
    /// What the real client (PyPI wyoming 1.10.2) writes.
    private let session: [UInt8] =
        Array(
            (#"{"type": "describe", "version": "1.10.2"}"# + "\n"
                + #"{"type": "detect", "version": "1.10.2", "data_length": 24}"# + "\n" + #"{"names": ["okay_nabu"]}"#
                + #"{"type": "audio-start", "version": "1.10.2", "data_length": 58}"# + "\n"
                + #"{"rate": 16000, "width": 2, "channels": 1, "timestamp": 0}"#
                + #"{"type": "audio-chunk", "version": "1.10.2", "data_length": 59, "payload_length": 4}"# + "\n"
                + #"{"rate": 16000, "width": 2, "channels": 1, "timestamp": 64}"#).utf8) + [1, 2, 10, 0x7b]
        + Array(
            (#"{"type": "audio-stop", "version": "1.10.2", "data_length": 18}"# + "\n" + #"{"timestamp": 128}"#
                + #"{"type": "ping", "version": "1.10.2", "data_length": 15}"# + "\n" + #"{"text": "hé"}"#).utf8)

    /// What a parser makes of parts that come one after the other.
    private func steps(_ parts: [ArraySlice<UInt8>], _ fields: [StaticString] = ["names", "rate", "timestamp", "text"]) -> [String] {
        var parser = EventParser()
        var steps: [String] = []
        for part in parts {
            part.withUnsafeBufferPointer { whole in
                var bytes = whole
                while true {
                    switch parser.feed(&bytes) {
                    case .more: return
                    case .wrong(let why):
                        steps.append("wrong: \(why)")
                        return
                    case .payload(let bytes): steps += bytes.map { "byte \($0)" }
                    case .event(let kind):
                        steps.append("\(kind)" + fields.compactMap { name in
                            parser.field(name).map { " \(name)=\(String(decoding: $0, as: UTF8.self))" }
                        }.joined())
                    }
                }
            }
            if steps.last?.hasPrefix("wrong") == true { break }
        }
        if parser.isAmidEvent { steps.append("amid") }
        return steps
    }

    private func steps(_ text: String) -> [String] { steps([ArraySlice(text.utf8)]) }

    private let expected = [
        "describe", #"detect names=["okay_nabu"]"#, "audioStart rate=16000 timestamp=0", "audioChunk rate=16000 timestamp=64", "byte 1",
        "byte 2", "byte 10", "byte 123", "audioStop timestamp=128", #"ping text="hé""#,
    ]

    @Test func theRealClientsEvents() { #expect(steps([session[...]]) == expected) }

    @Test func theyMayBeCutAnywhere() {
        for cut in 1..<session.count { #expect(steps([session[..<cut], session[cut...]]) == expected, "cut at \(cut)") }
        #expect(steps(session.indices.map { session[$0...$0] }) == expected)
    }

    @Test func halfAnEventIsKnownAsOne() {
        for cut in 1..<40 { #expect(steps([session[..<cut]]) == ["amid"]) }
        #expect(steps([session[..<41]]) == ["amid"])
        #expect(steps([session[..<42]]) == ["describe"])
    }

    @Test func dataBehindTheLineCountBeforeThoseInIt() {
        #expect(steps(#"{"type":"ping","data":{"text":"a","rate":5}}"# + "\n") == [#"ping rate=5 text="a""#])
        #expect(steps(#"{"data_length":12,"data":{"text":"a","rate":5},"type":"ping"}"# + "\n" + #"{"text":"b"}"#) == [#"ping rate=5 text="b""#])
        #expect(steps(#"{"type":"ping","data_length":null,"payload_length":null,"data":null}"# + "\n") == ["ping"])
        #expect(steps(#"{"type":"transcribe","payload_length":-3}"# + "\n") == ["other"])
        #expect(steps(#"{"type":"none","type":"ping"}"# + "\n") == ["ping"])
    }

    @Test(arguments: [
        "\n", "GET / HTTP/1.1\r\n", "[]\n", #"{"type":"ping"} {}"# + "\n", #"{"typ":"ping"}"# + "\n", #"{"type":3}"# + "\n", "{}\n",
        #"{"type":"ping","payload_length":2147483648}"# + "\n", #"{"type":"ping","payload_length":1e3}"# + "\n",
        #"{"type":"ping","data_length":99999999999999999999}"# + "\n", #"{"type":"ping","data_length":4097}"# + "\n",
        #"{"type":"ping","data_length":"5"}"# + "\n", #"{"type":"ping","data_length":2}"# + "\n[]",
        String(repeating: " ", count: EventParser.headerLimit + 1),
    ])
    func whatIsNoEvent(text: String) {
        let steps = steps(text)
        #expect(steps.count >= 1 && steps[0].hasPrefix("wrong: "), "\(steps)")
    }

    @Test func whatJustFits() {
        let padding = String(repeating: " ", count: EventParser.headerLimit - 15)
        #expect(steps(#"{"type":"ping"}"# + padding + "\n") == ["ping"])
        let data = #"{"text":""# + String(repeating: "x", count: EventParser.dataLimit - 11) + "\"}"
        #expect(steps(#"{"type":"detect","data_length":4096}"# + "\n" + data)[0].hasPrefix("detect text="))
    }
}
