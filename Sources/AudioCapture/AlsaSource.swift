import CALSA
import CLinux
import Support

/// A microphone by way of libasound: int16, as near to 16 kHz mono as the device comes without
/// converting (our resampler is better than ALSA's), 20 ms periods, a buffer of 400 ms.
public struct AlsaSource: AudioSource, ~Copyable {
    /// libasound's name of the device: `default`, `plughw:CARD=Device,DEV=0`.
    public let device: String
    public let rate: Int
    public let channels: Int
    /// Frames between two wake-ups and in the kernel's buffer, as the device granted them.
    public let periodFrames: Int
    public let bufferFrames: Int
    /// How often we came too late and sound was lost.
    public private(set) var overruns = 0

    private let pcm: OpaquePointer
    private let stop: Int32
    /// The device's own descriptors, and `stop` as the last one.
    private let descriptors: UnsafeMutableBufferPointer<pollfd>

    /// A healthy device delivers every 20 ms.
    private static let patience: Int32 = 2000  // ms

    /// Opens and starts `device`. Reading ends, as at the end of the sound, once `stop` (such as a
    /// `StopSignals`' descriptor) is readable. Throws `Failure` for a device that is missing, busy, not
    /// permitted, or that has no 16-bit format.
    public init(_ device: String = "default", stop: Int32 = -1) throws(Failure) {
        alsa_silence()
        var handle: OpaquePointer?
        // Without NONBLOCK opening a busy device waits for ever.
        let code = snd_pcm_open(&handle, device, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK)
        guard code >= 0, let pcm = handle else { throw .opening(device, code) }

        var agreed = Agreement()
        var count: Int32 = 0
        do throws(Failure) {
            agreed = try negotiate(pcm, device)
            count = snd_pcm_poll_descriptors_count(pcm)
            guard count > 0 else { throw .alsa(device, count, "take another device: katydid devices") }
            try start(pcm, device)
        } catch {
            snd_pcm_close(pcm)
            throw error
        }
        let descriptors = UnsafeMutableBufferPointer<pollfd>.allocate(capacity: Int(count) + 1)
        snd_pcm_poll_descriptors(pcm, descriptors.baseAddress, UInt32(count))
        descriptors[Int(count)] = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)

        self.device = device
        self.pcm = pcm
        self.stop = stop
        self.descriptors = descriptors
        rate = agreed.rate
        channels = agreed.channels
        periodFrames = agreed.periodFrames
        bufferFrames = agreed.bufferFrames
    }

    deinit {
        snd_pcm_close(pcm)
        descriptors.deallocate()
    }

    public mutating func read(into buffer: UnsafeMutableBufferPointer<Int16>) throws(Failure) -> Int {
        let room = buffer.count / channels
        guard room > 0 else { return 0 }
        while true {
            if linux_readable(stop, -1, 0) > 0 { return 0 }
            let n = snd_pcm_readi(pcm, buffer.baseAddress, snd_pcm_uframes_t(room))
            if n > 0 { return n }
            if n == 0 || n == -Int(EAGAIN) {
                try wait()
            } else {
                try recover(Int32(n))
            }
        }
    }

    /// Until there is sound, an error to be read, or a reason to stop.
    private func wait() throws(Failure) {
        let n = poll(descriptors.baseAddress, nfds_t(descriptors.count), AlsaSource.patience)
        if n == 0 {
            throw Failure(.io, "\(device)", "no sound for \(AlsaSource.patience / 1000) s", "plug the microphone in again")
        }
        if n < 0 && linux_errno() != EINTR { throw .system("\(device)", "plug the microphone in again") }
        // Plugins clear their timers and events in here.
        var events: UInt16 = 0
        snd_pcm_poll_descriptors_revents(pcm, descriptors.baseAddress, UInt32(descriptors.count - 1), &events)
    }

    /// After an overrun, a suspend or an interrupted call; anything else is thrown.
    private mutating func recover(_ code: Int32) throws(Failure) {
        if code == -EPIPE { overruns += 1 }
        let result = snd_pcm_recover(pcm, code, 1)
        guard result >= 0 else { throw .alsa(device, result, "plug the microphone in again") }
        try start(pcm, device)
    }
}

/// Nobody else starts a non-blocking capture. One that runs already, as after EINTR, is left alone.
private func start(_ pcm: OpaquePointer, _ device: String) throws(Failure) {
    guard snd_pcm_state(pcm) == SND_PCM_STATE_PREPARED else { return }
    let code = snd_pcm_start(pcm)
    guard code >= 0 else { throw .alsa(device, code, "take another device: katydid devices") }
}
