import CALSA
import CLinux
import Support

/// An open microphone, by way of libasound: int16, as near to 16 kHz mono as the device comes without
/// converting (our resampler is better than ALSA's). Never waits; `Microphone` deals with what goes wrong.
// Public because whoever owns a Microphone must see how this one ends, in Embedded Swift.
public struct AlsaDevice: ~Copyable {
    let agreed: Agreement

    private let pcm: OpaquePointer
    /// The device's own descriptors, and where they stand in the `PollSet`.
    private let descriptors: UnsafeMutableBufferPointer<pollfd>
    private let slots: UnsafeMutableBufferPointer<Int>
    /// What the device delivers, where that is not int16.
    private let raw: UnsafeMutableRawBufferPointer

    /// The most frames that are converted at a time.
    private static let chunk = 960

    /// Opens and starts a device. Throws `Failure` for one that is missing, busy, not permitted, or that has
    /// no format that we know.
    init(_ settings: CaptureSettings) throws(Failure) {
        alsa_silence()
        var handle: OpaquePointer?
        // Without NONBLOCK opening a busy device waits for ever.
        let code = snd_pcm_open(&handle, settings.device, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK)
        guard code >= 0, let pcm = handle else { throw .opening(settings.device, code) }

        var agreed = Agreement()
        var count: Int32 = 0
        do throws(Failure) {
            agreed = try negotiate(pcm, settings)
            count = snd_pcm_poll_descriptors_count(pcm)
            guard count > 0 else { throw .alsa(settings.device, count) }
            let code = snd_pcm_start(pcm)
            guard code >= 0 else { throw .alsa(settings.device, code) }
        } catch {
            snd_pcm_close(pcm)
            throw error
        }
        self.agreed = agreed
        self.pcm = pcm
        descriptors = .allocate(capacity: Int(count))
        slots = .allocate(capacity: Int(count))
        raw = .allocate(
            byteCount: agreed.encoding == .signed16 ? 0 : AlsaDevice.chunk * agreed.channels * agreed.encoding.bytes, alignment: 8)
    }

    deinit {
        snd_pcm_close(pcm)
        descriptors.deallocate()
        slots.deallocate()
        raw.deallocate()
    }

    func wait(in set: inout PollSet) {
        snd_pcm_poll_descriptors(pcm, descriptors.baseAddress, UInt32(descriptors.count))
        for i in descriptors.indices { slots[i] = set.add(descriptors[i].fd, for: Int32(descriptors[i].events)) }
    }

    /// After the wait: plugins clear their timers and events in here. Whether it was this device that woke us.
    func woken(by set: borrowing PollSet) -> Bool {
        var isReady = false
        for i in descriptors.indices {
            descriptors[i].revents = Int16(truncatingIfNeeded: set.events(slots[i]))
            if descriptors[i].revents != 0 { isReady = true }
        }
        var events: UInt16 = 0
        snd_pcm_poll_descriptors_revents(pcm, descriptors.baseAddress, UInt32(descriptors.count), &events)
        return isReady
    }

    /// Frames that there are by now, at most as many as `buffer` holds; 0: none yet. Negative: an error code of libasound.
    func read(into buffer: UnsafeMutableBufferPointer<Int16>) -> Int {
        let room = buffer.count / agreed.channels
        let n: Int
        if agreed.encoding == .signed16 {
            n = transfer(buffer.baseAddress, room)
        } else {
            n = transfer(raw.baseAddress, min(room, AlsaDevice.chunk))
            if n > 0 {
                let samples = n * agreed.channels
                agreed.encoding.convert(
                    UnsafeRawBufferPointer(rebasing: raw[..<(samples * agreed.encoding.bytes)]),
                    to: UnsafeMutableBufferPointer(rebasing: buffer[..<samples]))
            }
        }
        return n == -Int(EAGAIN) || n == -Int(EINTR) ? 0 : n
    }

    private func transfer(_ to: UnsafeMutableRawPointer?, _ frames: Int) -> Int {
        let count = snd_pcm_uframes_t(frames)
        return agreed.isMapped ? snd_pcm_mmap_readi(pcm, to, count) : snd_pcm_readi(pcm, to, count)
    }

    /// After an overrun: begins anew. Returns an error code, or 0.
    func restart() -> Int32 {
        let code = snd_pcm_prepare(pcm)
        return code < 0 ? code : snd_pcm_start(pcm)
    }
}

extension Failure {
    /// A libasound call on `device` that returned the negative `code`.
    static func alsa(_ device: String, _ code: Int32) -> Failure {
        Failure(.io, "\(device)", "\(String(cString: snd_strerror(code)))", "plug the microphone in again, or take another: katydid devices")
    }

    /// snd_pcm_open(3) of `device` returned `code`: says what there is instead.
    static func opening(_ device: String, _ code: Int32) -> Failure {
        switch -code {
        case EBUSY:
            return Failure(
                .unavailable, "\(device)", "another program is capturing from it",
                "stop that program (fuser -v /dev/snd/* names it), or share the device through dsnoop")
        case EACCES, EPERM:
            return Failure(.permission, "\(device)", "no permission", "join the group: sudo usermod -aG audio $USER, then log in again")
        default: break
        }
        let others = CaptureDevice.all()
        guard let first = others.first else {
            return Failure(
                .unavailable, "\(device)", "no such capture device, and none on this machine",
                "plug a microphone in")
        }
        var list = first.address
        for other in others.dropFirst() { list += ", " + other.address }
        return Failure(.unavailable, "\(device)", "no such capture device", "use one of: \(list)")
    }
}
