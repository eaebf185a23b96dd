import Support

/// A WAV file: integers of 8, 16, 24 and 32 bits and 32-bit floats, converted to int16.
public struct WavSource: AudioSource, ~Copyable {
    public let rate: Int
    public let channels: Int
    /// Frames in the file.
    public let frames: Int
    /// What is wrong with the file and could be made good: to be told to the user once.
    public let warning: String?

    private let file: MappedFile
    private let encoding: SampleEncoding
    private let end: Int
    private var at: Int

    /// Throws `Failure` for a file that is missing, no WAV file, or in a format that we don't read.
    public init(_ path: String) throws(Failure) { try self.init(MappedFile(path), name: path) }

    /// A WAV file in memory; `name` is what failures call it.
    public init(_ file: consuming MappedFile, name: String) throws(Failure) {
        let header = try WavHeader(file.bytes, name: name)
        rate = header.rate
        channels = header.channels
        frames = header.data.count / (header.channels * header.encoding.bytes)
        warning = header.warning
        encoding = header.encoding
        at = header.data.lowerBound
        end = header.data.upperBound
        self.file = file
    }

    public mutating func read(into buffer: UnsafeMutableBufferPointer<Int16>) throws(Failure) -> Int {
        let frames = min(buffer.count / channels, (end - at) / (channels * encoding.bytes))
        let samples = frames * channels
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[at..<at + samples * encoding.bytes])
        encoding.convert(bytes, to: UnsafeMutableBufferPointer(rebasing: buffer[..<samples]))
        at += bytes.count
        return frames
    }
}
