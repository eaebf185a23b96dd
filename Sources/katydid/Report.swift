import AudioCapture
import CLinux
import KeywordSpotting
import Sockets
import Support

#if MQTT
import MQTT
#endif

/// What `listen` says: events on standard output, as text or JSON lines, and remarks on standard error.
/// Nothing here allocates once listening has begun.
struct Report: ~Copyable {
    /// Those of syslog(3), which the journal understands.
    enum Priority: UInt8 { case error = 3, warning, notice, info }

    /// Who gets JSON lines besides standard output.
    var events: Broadcast?
    #if MQTT
    var broker: BrokerClient?
    #endif
    private let isJSON: Bool
    private let showsFile: Bool
    private var line = Line()
    /// Whether the journal reads along: sd-daemon(3).
    private let isJournal = getenv("JOURNAL_STREAM") != nil

    init(isJSON: Bool, showsFile: Bool) {
        self.isJSON = isJSON
        self.showsFile = showsFile
    }

    /// A remark for people.
    mutating func note(_ text: String, _ priority: Priority = .warning) {
        begin(priority)
        line.append(text)
        line.flush(to: 2)
    }

    private mutating func begin(_ priority: Priority) {
        guard isJournal else { return }
        line.append(byte: UInt8(ascii: "<"))
        line.append(byte: 48 + priority.rawValue)
        line.append(byte: UInt8(ascii: ">"))
    }

    /// Sound is missing; `count`: how often it was so since the start.
    mutating func lost(_ loss: Microphone.Loss, of device: String, count: Int) {
        begin(.warning)
        line.append("katydid: ")
        line.append(device)
        line.append(": ")
        switch loss {
        case .overrun:
            line.append("overrun ")
            line.append(count)
            line.append(", sound was lost; goes on (a busy machine? try a longer buffer, or priority)")
        case .stalled: line.append("no sound and no error; opens it again")
        case .suspended: line.append("the machine slept; opens it again")
        case .error(let code):
            line.append(Microphone.text(of: code))
            line.append("; opens it again as soon as it is there")
        }
        line.flush(to: 2)
    }

    /// The microphone is back after so many ns.
    mutating func back(_ device: String, after time: Int64, rate: Int, channels: Int) {
        begin(.notice)
        line.append("katydid: ")
        line.append(device)
        line.append(": back after ")
        line.append(Double(time) / 1e9, decimals: 1)
        line.append(" s, ")
        append(rate, channels)
        line.flush(to: 2)
    }

    mutating func remark(_ remark: LevelMeter.Remark, of device: String, _ levels: LevelMeter.Levels) {
        begin(remark == .heardAgain ? .notice : .warning)
        line.append("katydid: ")
        line.append(device)
        switch remark {
        case .silent: line.append(": silence for 10 s; is it muted, or unplugged at the far end?")
        case .heardAgain: line.append(": sound again")
        case .clipping:
            line.append(": clips in ")
            line.append(100 * levels.clipped, decimals: 1)
            line.append(" % of samples; lower its gain with alsamixer")
        case .offset:
            line.append(": off zero by ")
            line.append(100 * levels.offset, decimals: 1)
            line.append(" % of full scale; take another microphone or input")
        }
        line.flush(to: 2)
    }

    /// What a program that a word starts did wrong.
    mutating func trouble(_ name: UnsafePointer<CChar>, _ trouble: CommandRunner.Trouble) {
        begin(.warning)
        line.append("katydid: ")
        line.append(cString: name)
        switch trouble {
        case .running: line.append(": still running; not started again")
        case .slow: line.append(": took too long; killed")
        case .failed(let code):
            line.append(": ")
            line.append(cString: strerror(code))
            line.append("; check run = in the configuration")
        case .ended(let status):
            line.append(status & 127 == 0 ? ": ended with exit code " : ": ended by signal ")
            line.append(Int(status & 127 == 0 ? status >> 8 & 255 : status & 127))
        }
        line.flush(to: 2)
    }

    /// What is listened for.
    mutating func begin(_ listener: Listener) {
        begin(.info)
        line.append("listening for")
        for (i, word) in listener.words.enumerated() {
            line.append(i == 0 ? " " : ", ")
            line.append(word.phrase)
            if word.phrase.isSame(as: word.identifier) { continue }
            line.append(" (")
            line.append(word.identifier)
            line.append(")")
        }
        line.append("; ")
        line.append(listener.modelBytes)
        line.append(" bytes for models")
        line.flush(to: 2)
    }

    mutating func start(_ source: String, rate: Int, channels: Int) {
        begin(.info)
        line.append(source)
        line.append(": ")
        append(rate, channels)
        line.flush(to: 2)
    }

    private mutating func append(_ rate: Int, _ channels: Int) {
        line.append(rate)
        line.append(" Hz, ")
        line.append(channels)
        line.append(channels == 1 ? " channel" : " channels")
    }

    /// `time`: ns of sound since its start. `recording`: the number of the file that will hold it.
    mutating func heard(_ word: String, _ score: Double, at time: Int64, in file: String, recording: Int? = nil) {
        let seconds = Double(time) / 1e9
        if isRead {
            line.append("{\"event\":\"detection\",\"time\":")
            line.append(seconds, decimals: 3)
            line.append(",\"word\":")
            line.append(json: word)
            line.append(",\"score\":")
            line.append(score, decimals: 4)
            line.append(",\"source\":")
            line.append(json: file)
            if let recording {
                line.append(",\"recording\":")
                line.append(recording)
            }
            line.append("}")
            #if MQTT
            broker?.heard(line)
            #endif
            flushJSON()
        }
        if !isJSON {
            line.append(seconds, decimals: 3, endingAt: 7)
            line.append(" s  ")
            line.append(word)
            line.append("  score ")
            line.append(score, decimals: 3)
            if showsFile {
                line.append("  ")
                line.append(file)
            }
            if let recording {
                line.append("  recording ")
                line.append(recording)
            }
            line.flush()
        }
    }

    /// Whether anybody reads detections as JSON.
    private var isRead: Bool {
        #if MQTT
        if broker != nil { return true }
        #endif
        return isJSON || events != nil
    }

    /// A line for those who read JSON.
    private mutating func flushJSON() {
        events?.send(line)
        if isJSON { line.flush() } else { line.clear() }
    }

    /// A client of the service at `address` was dropped.
    mutating func dropped(_ address: String, _ why: StaticString) {
        begin(.notice)
        line.append("katydid: ")
        line.append(address)
        line.append(": dropped a client that ")
        line.append(why)
        line.flush(to: 2)
    }

    /// `nanoseconds`: how long a file took; nil for what comes in its own time.
    mutating func end(samples: Int, nanoseconds: Int64?) {
        let seconds = Double(samples) / 16000
        line.append("heard ")
        line.append(seconds, decimals: 3)
        line.append(" s of sound")
        if let nanoseconds, samples > 0 {
            let factor = Double(nanoseconds) / 1e9 / seconds
            line.append(" in ")
            line.append(Double(nanoseconds) / 1e6, decimals: 1)
            line.append(" ms: real-time factor ")
            line.append(factor, decimals: 5)
            line.append(" (")
            line.append(1 / max(factor, 1e-9), decimals: 0)
            line.append(" times faster than it sounds)")
        }
        if !isJSON { line.flush(to: 2) }
        if isJSON || events != nil {
            line.clear()
            line.append("{\"event\":\"end\",\"seconds\":")
            line.append(seconds, decimals: 3)
            if let nanoseconds, samples > 0 {
                line.append(",\"real_time_factor\":")
                line.append(Double(nanoseconds) / 1e9 / seconds, decimals: 6)
            }
            line.append("}")
            flushJSON()
        }
    }
}
