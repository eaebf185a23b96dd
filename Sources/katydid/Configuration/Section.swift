import AudioCapture
import AudioFrontend
import CLinux
import GPIO
import Support

#if MQTT
import MQTT
#endif

/// One `[section]` of the configuration while its lines are read. Firmware/katydid.conf explains every key.
struct Section {
    private enum Kind { case audio, model, gpio, output, command, button, wyoming, metrics, events, mqtt, realtime, log }

    let name: String
    private let kind: Kind
    /// What stands behind the kind: `lamp` of `[output lamp]`.
    private let label: String
    private var model = Configuration.Model()
    private var output = OutputKeys()
    private var words: [String] = []
    private var run: String?
    private var timeout: Int64 = 10_000_000_000  // ns
    private var debounce: Int64 = 30_000_000  // ns

    init(_ name: String) throws(Failure) {
        self.name = name
        let bytes = Array(name.utf8)[...]
        let space = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        label = string(bytes[space...].drop { $0 == UInt8(ascii: " ") })
        let first = bytes[..<space]
        #if !MQTT
        guard !equal(first, "mqtt") else {
            throw Failure(
                .configuration, "[mqtt]", "this katydid was built without MQTT", "build it with make deb MQTT=1, or leave the section out")
        }
        #endif
        let kinds: [(StaticString, Kind, named: Bool)] = [
            ("audio", .audio, false), ("model", .model, true), ("gpio", .gpio, false), ("output", .output, true), ("command", .command, true),
            ("button", .button, false), ("wyoming", .wyoming, false), ("metrics", .metrics, false), ("events", .events, false), ("mqtt", .mqtt, false), ("realtime", .realtime, false), ("log", .log, false),
        ]
        guard let found = kinds.first(where: { equal(first, $0.0) }) else {
            throw Failure(
                .configuration, "[\(name)]", "unknown section",
                "use one of: audio, model NAME, gpio, output NAME, command NAME, button, wyoming, metrics, events, mqtt, realtime, log")
        }
        guard label.isEmpty != found.named else {
            throw Failure(
                .configuration, "[\(name)]", found.named ? "has no name" : "takes no name",
                found.named ? "write [\(name) NAME]" : "write [\(string(first))]")
        }
        kind = found.1
    }

    mutating func set(_ key: String, _ text: String, _ configuration: inout Configuration) throws(Failure) {
        let value = Value(key: key, text: text)
        let name = Array(key.utf8)[...]
        func `is`(_ known: StaticString) -> Bool { equal(name, known) }
        switch kind {
        case .audio:
            if `is`("device") {
                configuration.capture.device = text
            } else if `is`("period") {
                configuration.capture.period = try value.milliseconds(in: CaptureSettings.periods)
            } else if `is`("buffer") {
                configuration.capture.buffer = try value.milliseconds(in: CaptureSettings.buffers)
            } else if `is`("channel") {
                configuration.mix = equal(Array(text.utf8)[...], "mean") ? .mean : .pick(try value.integer(in: 1...64) - 1)
            } else if `is`("wait") {
                configuration.waits = try value.bool()
            } else if `is`("record") {
                configuration.recording.folder = text
            } else if `is`("record-files") {
                configuration.recording.files = try value.integer(in: 1...1000)
            } else if `is`("record-seconds") {
                configuration.recording.seconds = Double(try value.integer(in: 2...30))
            } else {
                throw unknown(key)
            }
        case .model:
            if `is`("file") {
                model.file = text
            } else if `is`("cutoff") {
                model.cutoff = try value.share()
            } else if `is`("refractory") {
                model.refractory = try value.milliseconds(in: 0...3_600_000)
            } else {
                throw unknown(key)
            }
        case .gpio:
            do throws(Failure) {
                configuration.outputs.append(try OutputSpec(parsing: (OutputKeys.isAny(key) ? "" : key + "=") + text))
            } catch { throw Failure(.configuration, "\(key) = \(text)", "\(error.why)", "\(error.remedy)") }
        case .output:
            if `is`("on") {
                try addWords(value)
            } else if try !output.set(key, text) {
                throw unknown(key)
            }
        case .command:
            if `is`("on") {
                try addWords(value)
            } else if `is`("run") {
                run = text
            } else if `is`("timeout") {
                timeout = try value.time()
            } else {
                throw unknown(key)
            }
        case .button:
            if `is`("debounce") {
                debounce = try value.time()
            } else if try !output.set(key, text) {
                throw unknown(key)
            }
        case .wyoming:
            if `is`("listen") {
                configuration.wyoming = try value.address()
            } else if `is`("clients") {
                configuration.wyomingClients = try value.integer(in: 1...8)
            } else {
                throw unknown(key)
            }
        case .metrics:
            guard `is`("listen") else { throw unknown(key) }
            configuration.metrics = try value.address()
        case .events:
            guard `is`("socket") else { throw unknown(key) }
            configuration.events = try value.address()
        case .mqtt:
            #if MQTT
            guard try configuration.broker.set(value) else { throw unknown(key) }
            #else
            break
            #endif
        case .realtime:
            if `is`("priority") {
                configuration.realtime.priority = Int32(try value.integer(in: 0...99))
            } else if `is`("lock-memory") {
                configuration.realtime.locksMemory = try value.bool()
            } else if `is`("cpu") {
                configuration.realtime.cpu = try value.integer(in: 0...1023)
            } else {
                throw unknown(key)
            }
        case .log:
            guard `is`("format") else { throw unknown(key) }
            configuration.isJSON = equal(Array(text.utf8)[...], "json")
            guard configuration.isJSON || equal(Array(text.utf8)[...], "text") else {
                throw value.bad("neither text nor json")
            }
        }
    }

    /// At the section's end: what is missing, and what its lines make together.
    func finish(_ configuration: inout Configuration) throws(Failure) {
        switch kind {
        case .model:
            guard !model.file.isEmpty else { throw missing("file", "MANIFEST.json") }
            var model = model
            model.name = label
            configuration.models.append(model)
        case .output:
            guard !words.isEmpty else { throw missing("on", "any, a model's name, or @listening, @muted, @error") }
            for word in words { configuration.outputs.append(try spec(word)) }
        case .command:
            guard let run else { throw missing("run", "PROGRAM ARGUMENTS") }
            guard !words.isEmpty else { throw missing("on", "any, or a model's name") }
            for word in words {
                configuration.commands.append(
                    CommandAction(word: OutputKeys.isAny(word) ? nil : word, arguments: CommandAction.words(of: run), timeout: timeout))
            }
        case .button:
            configuration.button = Configuration.MuteButton(spec: try spec("any"), debounce: debounce)
        case .mqtt:
            #if MQTT
            guard !configuration.broker.host.isEmpty else { throw missing("host", "127.0.0.1") }
            #else
            break
            #endif
        case .audio, .gpio, .wyoming, .metrics, .events, .realtime, .log: break
        }
    }

    private func spec(_ word: String) throws(Failure) -> OutputSpec {
        guard output.line != nil else { throw missing("line", "GPIO17") }
        do throws(Failure) { return try output.spec(word: word) } catch {
            throw Failure(.configuration, "[\(name)]", "\(error.why)", "\(error.remedy)")
        }
    }

    private mutating func addWords(_ value: Value) throws(Failure) {
        words += CommandAction.words(of: value.text)
        guard !words.isEmpty else { throw value.bad("names no word") }
    }

    private func unknown(_ key: String) -> Failure {
        Failure(.configuration, "\(key)", "[\(name)] has no such key", "see katydid check-config --help")
    }

    private func missing(_ key: StaticString, _ example: StaticString) -> Failure {
        Failure(.configuration, "[\(name)]", "has no \(key)", "add \(key) = \(example)")
    }
}
