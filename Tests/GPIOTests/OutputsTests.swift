import CLinux
import Support
import Testing

@testable import GPIO

private let ms: Int64 = 1_000_000

@Suite struct OutputsTests {
    /// What is printed while `body` moves the outputs of `specs`.
    private func trace(
        _ specs: [String], words: [String] = ["a", "b"], _ style: TraceOutput.Style = .text, _ body: (inout Outputs) -> Void
    ) throws -> [String] {
        let fd = linux_memory_file("trace")
        defer { close(fd) }
        var outputs = try Outputs(specs.map { try OutputSpec(parsing: $0) }, words: words, driving: false, trace: style, to: fd)
        body(&outputs)
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = pread(fd, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func failure(_ specs: [String], driving: Bool = false) -> String? {
        do throws(Failure) {
            var list: [OutputSpec] = []
            for text in specs { list.append(try OutputSpec(parsing: text)) }
            _ = try Outputs(list, words: ["a", "b"], driving: driving)
        } catch { return error.line }
        return nil
    }

    @Test func eachWordItsLines() throws {
        let lines = try trace(["a=GPIO17:pulse=500ms", "b=GPIO27:set", "GPIO22:toggle"]) {
            $0.heard(word: 0, at: 1230 * ms)
            #expect($0.deadline == 1730 * ms)
            $0.advance(to: 2000 * ms)
            #expect($0.deadline == nil)
            $0.heard(word: 1, at: 12_000 * ms)
            $0.makeSafe(at: 123_456 * ms)
        }
        #expect(lines == [
            "  1.230 s  GPIO17 ↑", "  1.230 s  GPIO22 ↑", "  1.730 s  GPIO17 ↓",
            " 12.000 s  GPIO27 ↑", " 12.000 s  GPIO22 ↓", "123.456 s  GPIO27 ↓",
        ])
    }

    @Test func wordsShareALine() throws {
        let lines = try trace(["a=GPIO17:set", "b=GPIO17:clear"]) {
            $0.heard(word: 0, at: 0)
            $0.heard(word: 1, at: 1000 * ms)
        }
        #expect(lines == ["  0.000 s  GPIO17 ↑", "  1.000 s  GPIO17 ↓"])
    }

    @Test func statesAreShownWhileTheyLast() throws {
        let lines = try trace(["@muted=GPIO17", "@error=GPIO27:blink=100ms", "a=GPIO17:pulse=1s"]) {
            $0.show(.listening, true, at: 0)
            $0.show(.muted, true, at: 1000 * ms)
            $0.show(.muted, true, at: 2000 * ms)
            $0.show(.muted, false, at: 3000 * ms)
            $0.show(.error, true, at: 4000 * ms)
            $0.show(.error, false, at: 4150 * ms)
        }
        #expect(lines == [
            "  1.000 s  GPIO17 ↑", "  3.000 s  GPIO17 ↓", "  4.000 s  GPIO27 ↑", "  4.100 s  GPIO27 ↓",
        ])
    }

    @Test func json() throws {
        let lines = try trace(["0:17:set"], .json) { $0.heard(word: 0, at: 1234 * ms) }
        #expect(lines == [#"{"event":"gpio","time":1.234,"line":"0:17","active":true}"#])
    }

    @Test func none() throws {
        let lines = try trace([]) {
            $0.heard(word: 0, at: 0)
            $0.makeSafe(at: 1)
        }
        #expect(lines.isEmpty)
    }

    @Test func refusedInOneLine() {
        #expect(failure(["@happy=GPIO17"]) == "katydid: --gpio @happy=GPIO17: no such state; the states are: @listening, @muted, @error")
        #expect(failure(["c=GPIO17"]) == "katydid: --gpio c=GPIO17: no model listens for c; the words are: a, b")
        #expect(failure(["a=GPIO17", "b=GPIO17,active-low"])?.contains("wired one way for one word and another way for another") == true)
    }

    @Test(.enabled(if: Chip.paths().isEmpty)) func noChip() {
        #expect(
            failure(["GPIO17"], driving: true)
                == "katydid: GPIO17: this machine has no GPIO chip; see the edges without one: --gpio-trace")
    }

    @Test func onlyDevicesAreChips() throws {
        var template = Array("\(P_tmpdir)/katydid-XXXXXX".utf8CString)
        let directory = String(cString: mkdtemp(&template)!)
        defer { rmdir(directory) }
        close(linux_open("\(directory)/gpiochip0", O_CREAT | O_WRONLY, 0o600))
        symlink("/dev/null", "\(directory)/gpiochip4")
        defer {
            unlink("\(directory)/gpiochip0")
            unlink("\(directory)/gpiochip4")
        }
        #expect(Chip.paths(in: directory) == [])
        #expect(Chip.paths(in: "\(directory)/none") == [])
        #expect(throws: Failure.self) { _ = try Chip("/dev/null") }
    }
}
