import AudioCapture
import AudioFrontend
import CLinux
import GPIO
import KeywordSpotting
import Support

/// One `katydid listen`: sound from a source, through mixing and resampling, to the words, and from
/// there to lines and events. Everything is allocated before the first sound.
struct Session: ~Copyable {
    /// What lines go by. Files are heard faster than they sound: their lines move in the sound's own time.
    enum Clock { case sound, monotonic }

    private let listener: Listener
    private var outputs: Outputs
    private let mix: ChannelMix
    var report: Report
    private let stop: Int32
    private let mixed: UnsafeMutableBufferPointer<Int16>
    private let sound: UnsafeMutableBufferPointer<Int16>
    private let frames: UnsafeMutableBufferPointer<Int16>

    /// 20 ms at 48 kHz: the most frames taken at once.
    private static let chunk = 960
    private static let maximumChannels = 64

    init(listener: Listener, outputs: consuming Outputs, mix: ChannelMix, report: consuming Report, stop: Int32) {
        self.listener = listener
        self.outputs = outputs
        self.mix = mix
        self.report = report
        self.stop = stop
        mixed = .allocate(capacity: Session.chunk)
        sound = .allocate(capacity: Session.chunk)
        frames = .allocate(capacity: Session.chunk * Session.maximumChannels)
    }

    deinit {
        mixed.deallocate()
        sound.deallocate()
        frames.deallocate()
    }

    /// Hears `source` to its end, or until a signal comes; leaves all lines inactive.
    mutating func hear<Source: AudioSource & ~Copyable>(_ source: inout Source, file: String, clock: Clock) throws(Failure) {
        try mix.check(channels: source.channels)
        var resampler = try Resampler(from: source.rate)
        listener.reset()
        report.start(file, rate: source.rate, channels: source.channels)
        let start = linux_now_ns()

        let room = UnsafeMutableBufferPointer(rebasing: frames[..<(Session.chunk * source.channels)])
        var failure: Failure?
        do throws(Failure) {
            // Nobody is left to hear of it once standard output is gone.
            while linux_readable(stop, -1, 0) <= 0 && Line.outputError == 0 {
                let count = try source.read(into: room)
                if count == 0 { break }
                let input = UnsafeBufferPointer(rebasing: room[..<(count * source.channels)])
                let mono = mix.apply(input, channels: source.channels, to: mixed)
                hear(UnsafeBufferPointer(rebasing: mixed[..<mono]), &resampler, file, clock, start)
            }
        } catch { failure = error }

        // The resampler still holds the last few samples of a file.
        if clock == .sound && failure == nil {
            mixed.update(repeating: 0)
            var rest = resampler.delay
            while rest > 0 {
                let count = min(rest, mixed.count)
                hear(UnsafeBufferPointer(rebasing: mixed[..<count]), &resampler, file, clock, start)
                rest -= count
            }
        }
        let elapsed = linux_now_ns() - start
        finish(clock, start)
        if let failure { throw failure }
        report.end(samples: listener.samples, nanoseconds: clock == .sound ? elapsed : nil)
    }

    private mutating func hear(
        _ mono: UnsafeBufferPointer<Int16>, _ resampler: inout Resampler, _ file: String, _ clock: Clock, _ start: Int64
    ) {
        var consumed = 0
        while true {
            let count = resampler.process(input: mono, consumed: &consumed, output: sound)
            if count == 0 { break }
            // Lines move between the words: whatever was due before this sound comes first.
            outputs.advance(to: now(clock, start))
            listener.hear(UnsafeBufferPointer(rebasing: sound[..<count])) { word, sample in
                let time = Self.nanoseconds(sample)
                report.heard(listener.words[word], at: time, in: file)
                outputs.heard(word: word, at: clock == .sound ? time : linux_now_ns() - start)
            }
        }
        outputs.advance(to: now(clock, start))
        if let failure = outputs.takeFailure() { report.note(failure.line) }
    }

    /// Lets pulses of a file end in their own time, then makes every line inactive.
    private mutating func finish(_ clock: Clock, _ start: Int64) {
        var time = now(clock, start)
        if clock == .sound && linux_readable(stop, -1, 0) <= 0 {
            // A blink without end would go on for ever.
            let last = time + 10_000_000_000
            while let deadline = outputs.deadline, deadline <= last {
                time = max(time, deadline)
                outputs.advance(to: time)
            }
        }
        outputs.makeSafe(at: time)
    }

    private func now(_ clock: Clock, _ start: Int64) -> Int64 {
        clock == .sound ? Self.nanoseconds(listener.samples) : linux_now_ns() - start
    }

    private static func nanoseconds(_ samples: Int) -> Int64 { Int64(samples) * 1_000_000_000 / Int64(MicroFrontend.sampleRate) }
}
