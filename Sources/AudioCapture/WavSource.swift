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
    private let encoding: WavEncoding
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
        convert(bytes, to: UnsafeMutableBufferPointer(rebasing: buffer[..<samples]), from: encoding)
        at += bytes.count
        return frames
    }
}

/// Each sample of `bytes` to the nearest int16; what is out of range is clamped, NaN is silence.
private func convert(_ bytes: UnsafeRawBufferPointer, to out: UnsafeMutableBufferPointer<Int16>, from encoding: WavEncoding) {
    switch encoding {
    case .unsigned8:
        for i in out.indices { out[i] = (Int16(bytes[i]) - 128) << 8 }
    case .signed16:
        // As every machine that we run on holds them.
        UnsafeMutableRawBufferPointer(out).copyMemory(from: bytes)
    case .signed24:
        for i in out.indices {
            let low = UInt32(bytes[3 * i]) | UInt32(bytes[3 * i + 1]) << 8
            out[i] = narrow(Int32(bitPattern: low << 8 | UInt32(bytes[3 * i + 2]) << 24))
        }
    case .signed32:
        for i in out.indices { out[i] = narrow(Int32(bitPattern: bytes.u32(4 * i))) }
    case .float32:
        for i in out.indices {
            let x = Float(bitPattern: bytes.u32(4 * i)) * 32768
            out[i] = x.isNaN ? 0 : Int16(min(max(x, -32768), 32767).rounded())
        }
    }
}

private func narrow(_ sample: Int32) -> Int16 { Int16(min((Int(sample) + 0x8000) >> 16, 32767)) }
