import AudioCapture
import AudioFrontend
import CLinux
import GPIO
import KeywordSpotting
import Sockets
import Support
import Telemetry
import Wyoming

/// What happens to sound, wherever it comes from: mixing and resampling, the words, and from there lines,
/// programs and events. Everything is allocated before the first sound.
final class Session {
    /// What lines go by. Files are heard faster than they sound: their lines move in the sound's own time.
    enum Clock { case sound, monotonic }

    private(set) var listener: Listener
    var outputs: Outputs
    var commands: CommandRunner
    var recorder: Recorder?
    var report: Report
    /// Who else is told.
    var services: Services?

    private var mix: ChannelMix
    private let clock: Clock
    private var source = ""
    private var channels = 1
    private var resampler: Resampler
    private var meter = LevelMeter(rate: MicroFrontend.sampleRate)
    private let mixed: UnsafeMutableBufferPointer<Int16>
    private let sound: UnsafeMutableBufferPointer<Int16>
    /// What the clock showed when the sound began; for what comes in its own time, when we did.
    private var start = linux_now_ns()
    private(set) var hasBegun = false

    /// 20 ms at 48 kHz: the most frames taken at once.
    static let chunk = 960

    init(
        listener: Listener, outputs: consuming Outputs, commands: consuming CommandRunner, recorder: consuming Recorder?, mix: ChannelMix,
        report: consuming Report, clock: Clock
    ) throws(Failure) {
        resampler = try Resampler(from: MicroFrontend.sampleRate)
        self.listener = listener
        self.outputs = outputs
        self.commands = commands
        self.recorder = recorder
        self.mix = mix
        self.report = report
        self.clock = clock
        mixed = .allocate(capacity: Session.chunk)
        sound = .allocate(capacity: Session.chunk)
    }

    deinit {
        mixed.deallocate()
        sound.deallocate()
    }

    /// Another source: its frames are what `take` gets from now on. Time begins anew.
    func begin(_ source: String, rate: Int, channels: Int) throws(Failure) {
        if clock == .sound { start = linux_now_ns() }
        hasBegun = true
        listener.reset()
        try agree(source, rate: rate, channels: channels)
        report.start(source, rate: rate, channels: channels)
    }

    /// What `take` gets has so many frames a second and samples a frame.
    func agree(_ source: String, rate: Int, channels: Int) throws(Failure) {
        try mix.check(channels: channels)
        resampler = try Resampler(from: rate)
        self.source = source
        self.channels = channels
    }

    /// Throws `Failure` where the sound has no such channels.
    func check(_ mix: ChannelMix) throws(Failure) { try mix.check(channels: channels) }

    /// Of the last second of a microphone.
    var levels: LevelMeter.Levels { meter.levels }

    /// Listens for other words from now on, and does other things. The sound goes on.
    func change(
        to listener: Listener, commands: consuming CommandRunner, recorder: consuming Recorder?, mix: ChannelMix
    ) {
        listener.follow(self.listener)
        self.listener = listener
        self.commands.stop()
        self.commands = commands
        self.recorder = recorder
        self.mix = mix
    }

    /// Sound is missing here: what was before does not go on.
    func interrupt() {
        resampler.reset()
        listener.interrupt()
        meter.interrupt()
    }

    /// Hears at most `chunk` frames, interleaved.
    func take(_ input: UnsafeBufferPointer<Int16>) {
        let mono = mix.apply(input, channels: channels, to: mixed)
        hear(UnsafeBufferPointer(rebasing: mixed[..<mono]))
    }

    private func hear(_ mono: UnsafeBufferPointer<Int16>) {
        var consumed = 0
        while true {
            let count = resampler.process(input: mono, consumed: &consumed, output: sound)
            if count == 0 { break }
            let heard = UnsafeBufferPointer(rebasing: sound[..<count])
            // Lines move between the words: whatever was due before this sound comes first.
            outputs.advance(to: now)
            listener.hear(heard) { word, sample in
                let time = Self.nanoseconds(sample)
                let recording = recorder?.detected()
                let name = listener.words[word].identifier, score = listener.score(of: word)
                report.heard(name, score, at: time, in: source, recording: recording)
                services?.heard(word: word, score: score, time: time)
                outputs.heard(word: word, at: clock == .sound ? time : now)
                commands.heard(word: word, at: linux_now_ns()) { name, trouble in report.trouble(name, trouble) }
            }
            recorder?.hear(heard)
            if clock == .monotonic, let remark = meter.hear(heard) { report.remark(remark, of: source, meter.levels) }
        }
        tick()
    }

    /// Does what is due, with or without sound.
    func tick() {
        outputs.advance(to: now)
        commands.reap(at: linux_now_ns()) { name, trouble in report.trouble(name, trouble) }
        if let failure = outputs.takeFailure() { report.note(failure.line) }
        if let failure = recorder?.takeFailure() { report.note(failure.line) }
    }

    /// ns of CLOCK_MONOTONIC at which `tick` is next needed.
    var deadline: Int64? {
        let line = outputs.deadline.map { $0 + start }
        guard let command = commands.deadline else { return line }
        return min(line ?? command, command)
    }

    /// The sound has ended. Lets pulses of a file end in their own time, unless `isStopped`; then makes every line inactive.
    func end(isStopped: Bool) {
        let elapsed = linux_now_ns() - start
        if clock == .sound && !isStopped {
            // The resampler still holds the last few samples of a file.
            mixed.update(repeating: 0)
            var rest = resampler.delay
            while rest > 0 {
                let count = min(rest, mixed.count)
                hear(UnsafeBufferPointer(rebasing: mixed[..<count]))
                rest -= count
            }
        }
        var time = now
        if clock == .sound && !isStopped {
            // A blink without end would go on for ever.
            let last = time + 10_000_000_000
            while let deadline = outputs.deadline, deadline <= last {
                time = max(time, deadline)
                outputs.advance(to: time)
            }
        }
        outputs.makeSafe(at: time)
        report.end(samples: listener.samples, nanoseconds: clock == .sound ? elapsed : nil)
    }

    /// ns since the beginning, on the clock that lines go by.
    var now: Int64 { clock == .sound ? Self.nanoseconds(listener.samples) : linux_now_ns() - start }

    private static func nanoseconds(_ samples: Int) -> Int64 { Int64(samples) * 1_000_000_000 / Int64(MicroFrontend.sampleRate) }
}

extension Session {
    /// Hears `source`, a file or a stream, to its end, or until `stop` is readable.
    func hear<Source: AudioSource & ~Copyable>(_ source: inout Source, file: String, stop: Int32) throws(Failure) {
        try begin(file, rate: source.rate, channels: source.channels)
        let frames = UnsafeMutableBufferPointer<Int16>.allocate(capacity: Session.chunk * source.channels)
        defer { frames.deallocate() }
        var failure: Failure?
        do throws(Failure) {
            // Nobody is left to hear of it once standard output is gone.
            while linux_readable(stop, -1, 0) <= 0 && Line.outputError == 0 {
                let count = try source.read(into: frames)
                if count == 0 { break }
                take(UnsafeBufferPointer(rebasing: frames[..<(count * source.channels)]))
            }
        } catch { failure = error }
        end(isStopped: failure != nil || linux_readable(stop, -1, 0) > 0)
        if let failure { throw failure }
    }
}
