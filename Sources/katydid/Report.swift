import Interpreter
import KeywordSpotting
import Support

/// What `listen` says: events on standard output, as text or JSON lines, and remarks on standard error.
/// Nothing here allocates once listening has begun.
struct Report: ~Copyable {
    private let isJSON: Bool
    private let showsFile: Bool
    private var line = Line()

    init(isJSON: Bool, showsFile: Bool) {
        self.isJSON = isJSON
        self.showsFile = showsFile
    }

    /// A remark for people.
    func note(_ text: String) {
        var line = Line()
        line.append(text)
        line.flush(to: 2)
    }

    /// What is listened for.
    mutating func begin(_ listener: Listener) {
        line.append("listening for")
        for (i, word) in listener.words.enumerated() {
            line.append(i == 0 ? " " : ", ")
            line.append(word.manifest.wakeWord)
            line.append(" (")
            line.append(word.manifest.identifier)
            line.append(")")
        }
        var bytes = 0
        for word in listener.words { bytes += word.interpreter.footprint.total }
        line.append("; ")
        line.append(bytes)
        line.append(" bytes for models")
        line.flush(to: 2)
    }

    mutating func start(_ source: String, rate: Int, channels: Int) {
        line.append(source)
        line.append(": ")
        line.append(rate)
        line.append(" Hz, ")
        line.append(channels)
        line.append(channels == 1 ? " channel" : " channels")
        line.flush(to: 2)
    }

    /// `time`: ns of sound since its start.
    mutating func heard(_ word: WakeWord, at time: Int64, in file: String) {
        let seconds = Double(time) / 1e9
        if isJSON {
            line.append("{\"event\":\"detection\",\"time\":")
            line.append(seconds, decimals: 3)
            line.append(",\"word\":")
            line.append(json: word.manifest.identifier)
            line.append(",\"score\":")
            line.append(word.score, decimals: 4)
            line.append(",\"source\":")
            line.append(json: file)
            line.append("}")
        } else {
            line.append(seconds, decimals: 3, endingAt: 7)
            line.append(" s  ")
            line.append(word.manifest.identifier)
            line.append("  score ")
            line.append(word.score, decimals: 3)
            if showsFile {
                line.append("  ")
                line.append(file)
            }
        }
        line.flush()
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
        if isJSON {
            line.clear()
            line.append("{\"event\":\"end\",\"seconds\":")
            line.append(seconds, decimals: 3)
            if let nanoseconds, samples > 0 {
                line.append(",\"real_time_factor\":")
                line.append(Double(nanoseconds) / 1e9 / seconds, decimals: 6)
            }
            line.append("}")
            line.flush()
        } else {
            line.flush(to: 2)
        }
    }
}
