import AudioFrontend
import KeywordSpotting
import Sockets
import Support

/// Hears the sound of one client: int16 frames of any common rate, which come in pieces of any length. Allocates nothing after `init`.
final class Ear {
    var listener: Listener
    /// Whether it listens to a client.
    var isTaken = false
    private var resampler = Resampler(changeableTo: MicroFrontend.sampleRate)
    private var channels = 1
    /// What of a frame has come.
    private let frames = UnsafeMutableBufferPointer<Int16>.allocate(capacity: Server.chunk / 2 + Ear.channelLimit)
    private var byteCount = 0
    private let sound = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 1024)

    static let channelLimit = 64

    init(_ listener: Listener) { self.listener = listener }

    deinit {
        frames.deallocate()
        sound.deallocate()
    }

    /// New sound; false: not with such frames.
    func begin(rate: Int, channels: Int) -> Bool {
        guard (1...Ear.channelLimit).contains(channels), resampler.change(from: rate) else { return false }
        self.channels = channels
        byteCount = 0
        listener.reset()
        return true
    }

    /// At most `Server.chunk` bytes. Tells `heard` a word's index and the sample, of 16 kHz, at which it was heard.
    func hear(_ bytes: UnsafeBufferPointer<UInt8>, _ heard: (_ word: Int, _ sample: Int) -> Void) {
        let room = UnsafeMutableRawPointer(frames.baseAddress!).assumingMemoryBound(to: UInt8.self)
        (room + byteCount).copy(from: bytes.baseAddress!, count: bytes.count)
        byteCount += bytes.count
        let used = byteCount / (2 * channels) * 2 * channels
        // In place, as the rest of a frame lies behind.
        let mono = ChannelMix.mean.apply(UnsafeBufferPointer(rebasing: frames[..<(used / 2)]), channels: channels, to: frames)
        var consumed = 0
        while true {
            let count = resampler.process(input: UnsafeBufferPointer(rebasing: frames[..<mono]), consumed: &consumed, output: sound)
            if count == 0 { break }
            listener.hear(UnsafeBufferPointer(rebasing: sound[..<count]), heard)
        }
        byteCount -= used
        room.copy(from: room + used, count: byteCount)
    }
}
