import CLinux
import Support

@testable import AudioCapture

/// A WAV file put together by hand, with every number open to lies.
struct WavBytes {
    var tag: UInt16 = 1
    var channels: UInt16 = 1
    var rate: UInt32 = 16_000
    var bits: UInt16 = 16
    var frameBytes: UInt16?
    var extensible = false
    /// Chunks between `fmt ` and `data`.
    var extra: [UInt8] = []
    var samples: [UInt8] = []
    var promised: UInt32?

    var bytes: [UInt8] {
        let frame = frameBytes ?? channels * bits / 8
        var format = le(extensible ? 0xFFFE : tag) + le(channels) + le(rate)
        format += le(rate &* UInt32(frame)) + le(frame) + le(bits)
        if extensible {
            format += le(UInt16(22)) + le(bits) + le(UInt32(0)) + le(tag)
            format += [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
        }
        var body = Array("WAVEfmt ".utf8) + le(UInt32(format.count)) + format + extra
        body += Array("data".utf8) + le(promised ?? UInt32(samples.count)) + samples
        return Array("RIFF".utf8) + le(UInt32(body.count)) + body
    }
}

func le<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// Everything that a source delivers, in pieces of `piece` frames.
func readAll<S: AudioSource & ~Copyable>(_ source: inout S, piece: Int = 7) throws(Failure) -> [Int16] {
    let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: piece * source.channels)
    defer { buffer.deallocate() }
    var all: [Int16] = []
    while true {
        let frames = try source.read(into: buffer)
        if frames == 0 { return all }
        all += buffer[..<(frames * source.channels)]
    }
}

/// The sound in `bytes`, which need not stay alive: copied into memory that ends where they end, so that
/// a read beyond shows under AddressSanitizer.
func play(_ bytes: [UInt8]) throws(Failure) -> (samples: [Int16], warning: String?) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    let exact = UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    var source = try WavSource(MappedFile(borrowing: exact), name: "x.wav")
    return (try readAll(&source), source.warning)
}

/// The line of the failure that `body` ends in, or nil.
func failure(_ body: () throws(Failure) -> Void) -> String? {
    do throws(Failure) { try body() } catch { return error.line }
    return nil
}
