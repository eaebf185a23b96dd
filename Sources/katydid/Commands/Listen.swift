import AudioCapture
import AudioFrontend
import CLinux
import GPIO
import Support

private let help: StaticString = """
    usage: katydid listen [OPTIONS]
           katydid listen [OPTIONS] --wav FILE...

    Hears words and moves GPIO lines. Without --model they are those of the command model that comes with
    katydid: yes, no, up, down, left, right, on, off, stop and go.

    what to hear with:
      --config FILE     settings from an INI file, which the other options override;
                        read again at SIGHUP (see katydid check-config --help)
      --model FILE      the .json of a microWakeWord model, or of one that katydid-forge has
                        trained; may be repeated
      --cutoff X        mean score that counts as heard, 0 to 1 (the manifest's)
      --refractory MS   a word counts once in so many ms (1000)

    what to hear:
      --device NAME     a microphone, as katydid devices shows it (default)
      --wait            wait for a microphone that is not there yet
      --wav FILE...     WAV files instead, as fast as they can be heard
      --raw             headerless 16-bit little-endian sound from standard input
      --rate HZ         its rate (16000)
      --channels N      its channels (1)
      --channel N       hear this channel only, counted from 1 (the mean of all)

    what to do:
      --gpio SPEC       [WORD=]LINE[:ACTION][,OPTION]...; may be repeated. LINE is a name like
                        GPIO17, or CHIP:NUMBER. ACTION is set, clear, toggle, pulse=500ms
                        (the default), blink=200ms, blink=200ms*3 or breathe=4s. OPTION is
                        active-low, pull-up, pull-down, no-pull, open-drain or open-source.
                        For WORD, @listening, @muted and @error show states while they last.
      --gpio-trace      print the edges; where there is no GPIO chip, only print them
      --record-on-detect DIR
                        keep the 4 s around each detection there, at most 50 WAV files
      --wyoming ADDRESS answer clients of the Wyoming protocol, as Home Assistant is one, at
                        127.0.0.1:10400, [::1]:10400, *:10400 for everybody, or /PATH
      --metrics ADDRESS answer GET /metrics there, as Prometheus asks
      --json            events as JSON lines
      --help            this text

    A microphone that is unplugged is opened again when it is back. Ctrl-C and SIGTERM end it with exit
    code 0, and every line is left inactive.

    example:
      katydid listen --gpio on=GPIO17:set --gpio off=GPIO17:clear
      katydid listen --model okay_nabu.json --gpio okay_nabu=GPIO17:pulse=500ms

    """

func listen() throws(Failure) {
    let options = try Options(
        "listen", help: help,
        [
            .init("config", takesValue: true), .init("model", takesValue: true), .init("cutoff", takesValue: true),
            .init("refractory", takesValue: true), .init("device", takesValue: true), .init("wait"), .init("wav", takesValue: true),
            .init("raw"), .init("rate", takesValue: true), .init("channels", takesValue: true), .init("channel", takesValue: true),
            .init("gpio", takesValue: true), .init("gpio-trace"), .init("record-on-detect", takesValue: true), .init("wyoming", takesValue: true), .init("metrics", takesValue: true), .init("json"),
        ])
    let files = try sounds(options)
    let configuration = try configure(options)
    let signals = try StopSignals()

    if files.isEmpty && !options.has("raw") {
        let reload: (() throws(Failure) -> Configuration)? =
            options.has("config") ? { () throws(Failure) in try configure(options) } : nil
        let daemon = try Daemon(configuration, signals: signals, reload: reload)
        try daemon.run()
        return
    }
    let session = try configuration.makeSession(clock: .sound, showsFile: files.count > 1)
    session.report.begin(session.listener)
    if options.has("raw") {
        let rate = try options.integer("rate", in: 1...1_000_000, default: 16000)
        let channels = try options.integer("channels", in: 1...1000, default: 1)
        var source = try RawSource(rate: rate, channels: channels, stop: signals.fd)
        try session.hear(&source, file: "standard input", stop: signals.fd)
    }
    for file in files {
        if signals.requested || Line.outputError != 0 { break }
        var source = try WavSource(file)
        if let warning = source.warning { session.report.note(warning) }
        try session.hear(&source, file: file, stop: signals.fd)
    }
}

/// The file's settings, if one is named, with what the other options say over them.
private func configure(_ options: Options) throws(Failure) -> Configuration {
    var configuration = Configuration()
    if let path = options.value("config") { configuration = try Configuration(path: path) }
    if let device = options.value("device") { configuration.capture.device = device }
    // Nothing was said: a sound card on the board's header is likelier meant than whatever ALSA calls default.
    if configuration.capture.device.isSame(as: "default"), let device = Board.microphone() { configuration.capture.device = device }
    if options.has("wait") { configuration.waits = true }
    if options.has("channel") { configuration.mix = .pick(try options.integer("channel", in: 1...1000, default: 1) - 1) }
    if let folder = options.value("record-on-detect") { configuration.recording.folder = folder }
    if let address = options.value("wyoming") { configuration.wyoming = try Value(key: "--wyoming", text: address).address() }
    if let address = options.value("metrics") { configuration.metrics = try Value(key: "--metrics", text: address).address() }
    if options.has("json") { configuration.isJSON = true }
    configuration.isTraced = options.has("gpio-trace")
    try addWords(options, to: &configuration)

    for text in options.values("gpio") { configuration.outputs.append(try OutputSpec(parsing: text)) }
    if configuration.isTraced && !configuration.outputs.isEmpty && Chip.paths().isEmpty {
        var report = Report(isJSON: false, showsFile: false)
        report.note("no GPIO chip here: edges are only printed")
    }
    return configuration
}

/// The words of --model in place of the file's; --cutoff and --refractory for all.
private func addWords(_ options: Options, to configuration: inout Configuration) throws(Failure) {
    let paths = options.values("model")
    if !paths.isEmpty { configuration.models = paths.map { Configuration.Model(file: $0) } }
    if configuration.models.isEmpty { configuration.models = [try .installed()] }
    if let text = options.value("cutoff") {
        var value = 0.0
        guard linux_parse_real(text, &value) != 0, (0...1).contains(value) else {
            throw Failure(.usage, "--cutoff \(text)", "not a number from 0 to 1", "see katydid listen --help")
        }
        for i in configuration.models.indices { configuration.models[i].cutoff = value }
    }
    if options.has("refractory") {
        let time = try options.integer("refractory", in: 0...3_600_000, default: 1000)
        for i in configuration.models.indices { configuration.models[i].refractory = time }
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
