import Support

/// Where sound comes from: a file, a stream, a microphone. Sources deliver interleaved int16 frames as
/// they have them; resampling to 16 kHz and mixing down to one channel is AudioFrontend's.
///
/// A protocol and no existential: code that hears is generic over its source, `<S: AudioSource & ~Copyable>`.
public protocol AudioSource: ~Copyable {
    /// Frames per second, as the source has it.
    var rate: Int { get }
    /// Samples per frame, interleaved.
    var channels: Int { get }
    /// Fills `buffer` as far as there is sound by now, waiting for at least one frame; never allocates.
    /// `buffer` has room for at least one frame. Returns the number of frames, 0 at the end of the sound.
    mutating func read(into buffer: UnsafeMutableBufferPointer<Int16>) throws(Failure) -> Int
}

/// What we take for a sound: wide enough for any real device, narrow enough that a bad header or a slip
/// of the keyboard is told to the user instead of to the resampler.
enum Limits {
    static let rates = 4_000...768_000
    static let channels = 1...64
}
