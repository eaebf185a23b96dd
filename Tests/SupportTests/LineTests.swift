import Testing

@testable import Support

@Suite struct LineTests {
    private func text(_ build: (inout Line) -> Void) -> String {
        var line = Line()
        build(&line)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test func integers() {
        #expect(text { $0.append(0) } == "0")
        #expect(text { $0.append(-1203) } == "-1203")
        #expect(text { $0.append(Int.min) } == "\(Int.min)")
        #expect(text { $0.append(Int.max) } == "\(Int.max)")
    }

    @Test func decimals() { #expect(text { $0.append(0.12345, decimals: 3) } == "0.123") }

    @Test func jsonStringsAreEscaped() {
        #expect(text { $0.append(json: "a\"b\\c\nd") } == #""a\"b\\c\u000ad""#)
    }

    @Test func tooLongIsCutNotGrown() {
        let long = text { for _ in 0..<5000 { $0.append(byte: 65) } }
        #expect(long.utf8.count == Line.capacity - 1)
    }
}
