import AudioCapture
import AudioFrontend
import CLinux
import GPIO
import KeywordSpotting
import Support

private let help: StaticString = """
    usage: katydid listen --model MANIFEST [OPTIONS]
           katydid listen --model MANIFEST --wav FILE...

    Hears wake words and moves GPIO lines. MANIFEST is the .json of a microWakeWord model; give
    several to listen for several words at once.

    what to hear with:
      --model FILE      a manifest; may be repeated
      --cutoff X        mean score that counts as heard, 0 to 1 (the manifest's)
      --refractory MS   a word counts once in so many ms (1000)

    what to hear:
      --device NAME     a microphone, as katydid devices shows it (default)
      --wav FILE...     WAV files instead, as fast as they can be heard
      --raw             headerless 16-bit little-endian sound from standard input
      --rate HZ         its rate (16000)
      --channels N      its channels (1)
      --channel N       hear this channel only, counted from 1 (the mean of all)

    what to do:
      --gpio SPEC       [WORD=]LINE[:ACTION][,active-low]; may be repeated. LINE is a name like
                        GPIO17, or CHIP:NUMBER. ACTION is set, clear, toggle, pulse=500ms
                        (the default) or blink=200ms, blink=200ms*3.
      --gpio-trace      print the edges; where there is no GPIO chip, only print them
      --json            events as JSON lines
      --help            this text

    Ctrl-C and SIGTERM end it with exit code 0, and every line is left inactive.

    example:
      katydid listen --model okay_nabu.json --gpio okay_nabu=GPIO17:pulse=500ms

    """

func listen() throws(Failure) {
    let options = try Options(
        "listen", help: help,
        [
            .init("model", takesValue: true), .init("cutoff", takesValue: true), .init("refractory", takesValue: true),
            .init("device", takesValue: true), .init("wav", takesValue: true), .init("raw"), .init("rate", takesValue: true),
            .init("channels", takesValue: true), .init("channel", takesValue: true), .init("gpio", takesValue: true),
            .init("gpio-trace"), .init("json"),
        ])
    let files = try sounds(options)
    let listener = try Listener(try words(options))
    let mix = try channelMix(options)
    let isJSON = options.has("json")

    let stop = try StopSignals()
    var session = Session(
        listener: listener, outputs: try outputs(options, listener, isJSON: isJSON), mix: mix,
        report: Report(isJSON: isJSON, showsFile: files.count > 1), stop: stop.fd)
    session.report.begin(listener)

    if !files.isEmpty {
        for file in files {
            if stop.requested || Line.outputError != 0 { break }
            var source = try WavSource(file)
            if let warning = source.warning { session.report.note(warning) }
            try session.hear(&source, file: file, clock: .sound)
        }
    } else if options.has("raw") {
        let rate = try options.integer("rate", in: 1...1_000_000, default: 16000)
        let channels = try options.integer("channels", in: 1...1000, default: 1)
        var source = try RawSource(rate: rate, channels: channels, stop: stop.fd)
        try session.hear(&source, file: "standard input", clock: .sound)
    } else {
        let device = options.value("device") ?? "default"
        var source = try AlsaSource(device, stop: stop.fd)
        try session.hear(&source, file: device, clock: .monotonic)
    }
}

/// The WAV files to hear: those of --wav and the operands that follow.
private func sounds(_ options: Options) throws(Failure) -> [String] {
    let files = options.values("wav")
    if files.isEmpty { try options.refuseOperands(after: 0) }
    if !files.isEmpty && (options.has("raw") || options.has("device")) {
        throw Failure(.usage, "--wav", "goes with neither --raw nor --device", "give one source")
    }
    if options.has("raw") && options.has("device") { throw Failure(.usage, "--raw", "does not go with --device", "give one source") }
    if !options.has("raw") && (options.has("rate") || options.has("channels")) {
        throw Failure(.usage, "--rate, --channels", "only --raw needs to be told", "leave them out: other sources know")
    }
    return files + options.operands
}

private func words(_ options: Options) throws(Failure) -> [WakeWord] {
    let paths = options.values("model")
    guard !paths.isEmpty else { throw Failure(.usage, "listen", "no --model", "name the .json of a wake word; see katydid listen --help") }
    var cutoff: Double?
    if let text = options.value("cutoff") {
        var value = 0.0
        guard linux_parse_real(text, &value) != 0, (0...1).contains(value) else {
            throw Failure(.usage, "--cutoff \(text)", "not a number from 0 to 1", "see katydid listen --help")
        }
        cutoff = value
    }
    let refractory = try options.integer("refractory", in: 0...3_600_000, default: 1000)
    var words: [WakeWord] = []
    for path in paths {
        let manifest = try Manifest(path: path)
        for word in words where word.manifest.identifier.isSame(as: manifest.identifier) {
            throw Failure(.usage, "--model \(path)", "\(manifest.identifier) is listened for already", "name each word once")
        }
        do throws(Failure) {
            words.append(try WakeWord(manifest, refractory: refractory, cutoff: cutoff))
        } catch { throw error.of("\(path)") }
    }
    return words
}

private func channelMix(_ options: Options) throws(Failure) -> ChannelMix {
    let channel = try options.integer("channel", in: 1...1000, default: 0)
    return channel == 0 ? .mean : .pick(channel - 1)
}

private func outputs(_ options: Options, _ listener: Listener, isJSON: Bool) throws(Failure) -> Outputs {
    var specs: [OutputSpec] = []
    for text in options.values("gpio") { specs.append(try OutputSpec(parsing: text)) }
    let hasChip = !Chip.paths().isEmpty
    let isTraced = options.has("gpio-trace")
    if isTraced && !specs.isEmpty && !hasChip { Report(isJSON: isJSON, showsFile: false).note("no GPIO chip here: edges are only printed") }
    return try Outputs(
        specs, words: listener.words.map { $0.manifest.identifier }, driving: hasChip || !isTraced,
        trace: isTraced ? (isJSON ? .json : .text) : nil)
}
