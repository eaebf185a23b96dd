import AudioCapture
import AudioFrontend
import CLinux
import Support

/// Records stretches of sound from a microphone: 16 kHz, mono.
public struct TakeRecorder: ~Copyable {
    private var microphone: Microphone
    private var set = PollSet()
    private let signals: StopSignals
    private let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 64 * 640)

    /// Opens the device. From here on Ctrl-C ends a recording instead of the program. Throws `Failure` for a device that is not there.
    public init(device: String) throws(Failure) {
        microphone = Microphone(CaptureSettings(device: device))
        try microphone.open()
        signals = try StopSignals()
    }

    deinit { buffer.deallocate() }

    /// What is heard in the `seconds` from now on, without what the device had heard before; nil: Ctrl-C. Throws `Failure` for a
    /// device that goes away, or falls silent.
    public mutating func record(seconds: Double) throws(Failure) -> [Int16]? {
        // Sound from before the prompt has gone into the device's buffer.
        microphone = Microphone(microphone.settings)
        try microphone.open()
        let rate = microphone.rate, channels = microphone.channels
        let wanted = Int(seconds * Double(rate))
        var mono: [Int16] = []
        mono.reserveCapacity(wanted)
        let room = UnsafeMutableBufferPointer(rebasing: buffer[..<(buffer.count / max(channels, 1) * max(channels, 1))])
        while mono.count < wanted {
            if signals.requested { return nil }
            switch microphone.read(into: room) {
            case .sound(let frames):
                let mixed = ChannelMix.mean.apply(UnsafeBufferPointer(rebasing: room[..<(frames * channels)]), channels: channels, to: room)
                mono += room[..<mixed]
            case .opened: break
            // What follows does not continue what went before: from the beginning.
            case .lost(.overrun): mono = []
            case .lost(let loss):
                var why = "no sound comes from it"
                if case .error(let code) = loss { why = Microphone.text(of: code) }
                throw Failure(.io, "\(microphone.settings.device)", "\(why)", "check the plug; katydid devices lists microphones")
            case .nothing:
                set.begin()
                microphone.wait(in: &set)
                set.add(signals.fd)
                set.wait()
                microphone.woken(by: set)
            }
        }
        return rate == Sound.rate ? mono : try RateConverter().convert(mono, from: rate)
    }

    /// Waits; true: Ctrl-C came instead.
    public mutating func pause(seconds: Double) -> Bool { linux_readable(signals.fd, -1, Int32(seconds * 1000)) > 0 }
}
