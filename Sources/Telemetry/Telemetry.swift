import CLinux
import Support

/// What the daemon has done and how it fares, as Prometheus's text format 0.0.4 tells it. Allocates nothing after `init`, but in
/// `listen`.
public final class Telemetry {
    /// The microphone's troubles so far.
    public var overruns = 0, stalls = 0, errors = 0, opens = 0
    /// Whether it is open, and whether the button has muted it.
    public var isOpen = false, isMuted = false
    /// Of the last second, dBFS.
    public var rms = -120.0, peak = -120.0
    /// Reads of sound that took longer to hear than they sound.
    public private(set) var misses = 0
    public private(set) var hops = Histogram()
    public var reloads = 0
    /// Clients that were dropped.
    public var drops = 0

    private final class Word {
        let name: String
        var detections = 0
        var score = 0.0

        init(_ name: String) { self.name = name }
    }

    private var words: [Word] = []
    private var modelBytes = 0
    private let start = linux_now_ns()

    public init() {}

    /// These words from now on. Those that were there before keep their counts.
    public func listen(for words: [String], modelBytes: Int) {
        let old = self.words
        self.words = words.map { name in old.first { $0.name.isSame(as: name) } ?? Word(name) }
        self.modelBytes = modelBytes
    }

    public func heard(word: Int, score: Double) {
        words[word].detections += 1
        words[word].score = score
    }

    /// A read of sound that lasts `length` ns was heard `time` ns after it came.
    public func hop(_ time: Int64, of length: Int64) {
        hops.add(time)
        if time > length { misses += 1 }
    }

    /// Parts that `write` makes of a report.
    public var parts: Int { Telemetry.fixed + 2 * words.count }

    private static let fixed = 19

    /// One part of the report, less than a kilobyte, for `line`, which is empty.
    public func write(part: Int, to line: inout Line) {
        switch part {
        case 0: number(&line, "opens_total counter Times the microphone was opened.", opens)
        case 1: number(&line, "overruns_total counter Times the sound card had to throw sound away.", overruns)
        case 2: number(&line, "stalls_total counter Times the microphone gave neither sound nor an error.", stalls)
        case 3: number(&line, "errors_total counter Times the microphone failed, as when it is unplugged.", errors)
        case 4: number(&line, "microphone_open gauge 1 while there is a microphone.", isOpen ? 1 : 0)
        case 5: number(&line, "muted gauge 1 while the button mutes.", isMuted ? 1 : 0)
        case 6: real(&line, "level_dbfs gauge Root mean square of the last second.", rms, 1)
        case 7: real(&line, "peak_dbfs gauge Largest sample of the last second.", peak, 1)
        case 8: histogram(&line)
        case 9: number(&line, "deadline_misses_total counter Reads of sound that took longer to hear than they sound.", misses)
        case 10: number(&line, "reloads_total counter Times the configuration was read again.", reloads)
        case 11: number(&line, "clients_dropped_total counter Clients that were dropped.", drops)
        case 12: number(&line, "model_bytes gauge Bytes of models and their arenas.", modelBytes)
        case 13: number(&line, "resident_bytes gauge Memory in use.", Int(linux_read_number("/proc/self/statm", 1, 10)) * Int(getpagesize()))
        case 14: real(&line, "cpu_seconds_total counter CPU time used.", Double(linux_cpu_ns()) / 1e9, 3)
        case 15:
            real(&line, "cpu_share gauge CPU time used per time since the start.", Double(linux_cpu_ns()) / Double(max(linux_now_ns() - start, 1)), 5)
        case 16:
            let value = linux_read_number("/sys/class/thermal/thermal_zone0/temp", 0, 10)
            if value >= 0 { real(&line, "temperature_celsius gauge Of the board's first thermal zone.", Double(value) / 1000, 1) }
        case 17:
            let value = linux_read_number("/sys/devices/platform/soc/soc:firmware/get_throttled", 0, 16)
            if value >= 0 {
                number(&line, "throttled gauge Bits as vcgencmd get_throttled has them; 0: never slowed down.", Int(value))
            }
        case 18: break
        default:
            // All samples of a metric stand together.
            let word = (part - Telemetry.fixed) % max(words.count, 1)
            if part < Telemetry.fixed + words.count {
                if word == 0 { head(&line, "detections_total counter Times the word was heard.") }
                label(&line, "detections_total", words[word].name)
                line.append(words[word].detections)
            } else {
                if word == 0 { head(&line, "score gauge Of the word's last detection, 0 to 1.") }
                label(&line, "score", words[word].name)
                line.append(words[word].score, decimals: 4)
            }
            line.append("\n")
        }
    }

    /// `text`: name, type and help of a metric. Returns the length of the name.
    @inline(never)
    @discardableResult
    private func head(_ line: inout Line, _ text: StaticString) -> Int {
        var spaces: [2 of Int] = [0, 0]
        var count = 0
        for i in 0..<text.utf8CodeUnitCount where count < 2 && text.utf8Start[i] == 32 {
            spaces[count] = i
            count += 1
        }
        func part(_ from: Int, _ to: Int) { line.append(UnsafeBufferPointer(start: text.utf8Start + from, count: to - from)) }
        line.append("# HELP katydid_")
        part(0, spaces[0])
        part(spaces[1], text.utf8CodeUnitCount)
        line.append("\n# TYPE katydid_")
        part(0, spaces[1])
        line.append("\n")
        return spaces[0]
    }

    @inline(never)
    private func begin(_ line: inout Line, _ text: StaticString) {
        let count = head(&line, text)
        line.append("katydid_")
        line.append(UnsafeBufferPointer(start: text.utf8Start, count: count))
        line.append(" ")
    }

    @inline(never)
    private func number(_ line: inout Line, _ text: StaticString, _ value: Int) {
        begin(&line, text)
        line.append(value)
        line.append("\n")
    }

    @inline(never)
    private func real(_ line: inout Line, _ text: StaticString, _ value: Double, _ decimals: Int) {
        begin(&line, text)
        line.append(value, decimals: decimals)
        line.append("\n")
    }

    /// Labels escape as JSON does: \, " and, of control characters, only the newline, which no name of a section holds.
    private func label(_ line: inout Line, _ name: StaticString, _ word: String) {
        line.append("katydid_")
        line.append(name)
        line.append("{word=")
        line.append(json: word)
        line.append("} ")
    }

    private func histogram(_ line: inout Line) {
        head(&line, "hop_seconds histogram From the arrival of a read of sound to the end of its inference.")
        for (i, bound) in Histogram.bounds.enumerated() {
            line.append("katydid_hop_seconds_bucket{le=\"")
            line.append(Double(bound) / 1e6, decimals: 4)
            line.append("\"} ")
            line.append(hops[i])
            line.append("\n")
        }
        line.append("katydid_hop_seconds_bucket{le=\"+Inf\"} ")
        line.append(hops.count)
        line.append("\nkatydid_hop_seconds_sum ")
        line.append(Double(hops.sum) / 1e9, decimals: 6)
        line.append("\nkatydid_hop_seconds_count ")
        line.append(hops.count)
        line.append("\n")
    }
}
