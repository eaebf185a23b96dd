import CLinux
import Support

/// Headerless PCM, int16 little-endian, from a file descriptor: `arecord -t raw -f S16_LE | katydid listen --raw`.
public struct RawSource: AudioSource, ~Copyable {
    public let rate: Int
    public let channels: Int

    private let fd: Int32
    private let stop: Int32
    /// A pipe cuts where it likes: the bytes of a frame whose rest is still to come.
    private let rest: UnsafeMutablePointer<UInt8>
    private var restCount = 0

    /// `fd` stays the caller's. Reading ends, as at the end of the sound, once `stop` (such as a
    /// `StopSignals`' descriptor) is readable. Throws `Failure` for an impossible rate or channel count.
    public init(fd: Int32 = 0, rate: Int, channels: Int, stop: Int32 = -1) throws(Failure) {
        guard Limits.rates.contains(rate) else {
            throw Failure(.usage, "--rate \(rate)", "not a sample rate", "give one from 4000 to 768000 Hz, such as 16000")
        }
        guard Limits.channels.contains(channels) else {
            throw Failure(.usage, "--channels \(channels)", "not a channel count", "give one from 1 to 64")
        }
        self.rate = rate
        self.channels = channels
        self.fd = fd
        self.stop = stop
        rest = .allocate(capacity: 2 * channels)
    }

    deinit { rest.deallocate() }

    public mutating func read(into buffer: UnsafeMutableBufferPointer<Int16>) throws(Failure) -> Int {
        let frameBytes = 2 * channels
        let room = buffer.count / channels * frameBytes
        guard room > 0 else { return 0 }
        let bytes = UnsafeMutableRawPointer(buffer.baseAddress!)
        memcpy(bytes, rest, restCount)
        var count = restCount
        while count < frameBytes {
            let ready = linux_readable(fd, stop, -1)
            if ready < 0 && linux_errno() == EINTR { continue }
            guard ready >= 0 else { throw .system("standard input", "check the program that writes to it") }
            if ready & 2 != 0 { return 0 }
            let n = CLinux.read(fd, bytes + count, room - count)
            if n > 0 {
                count += n
            } else if n == 0 {
                return 0  // half a frame at the end is no sound
            } else if linux_errno() != EINTR && linux_errno() != EAGAIN {
                throw .system("standard input", "check the program that writes to it")
            }
        }
        restCount = count % frameBytes
        memcpy(rest, bytes + (count - restCount), restCount)
        return count / frameBytes
    }
}
