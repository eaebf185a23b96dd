import Support
import Testing

@testable import AudioCapture

@Suite struct WavSourceTests {
    /// The same sound in each encoding, and what int16 makes of it.
    static let encodings: [(tag: UInt16, bits: UInt16, encode: @Sendable (Int16) -> [UInt8])] = [
        (1, 8, { [UInt8(truncatingIfNeeded: ($0 >> 8) + 128)] }),
        (1, 16, { le($0) }),
        (1, 24, { [0] + le($0) }),
        (1, 32, { [0, 0] + le($0) }),
        (3, 32, { le((Float($0) / 32768).bitPattern) }),
    ]

    @Test(arguments: 0..<5, [1, 2, 6])
    func everyEncodingAndChannelCount(_ encoding: Int, _ channels: Int) throws {
        let (tag, bits, encode) = Self.encodings[encoding]
        // Multiples of 256: 8 bits hold no more.
        let sound = (0..<30 * channels).map { Int16(truncatingIfNeeded: ($0 * 4099) & ~255) }
        for rate: UInt32 in [8_000, 16_000, 44_100, 48_000, 96_000] {
            for extensible in [false, true] {
                let wav = WavBytes(
                    tag: tag, channels: UInt16(channels), rate: rate, bits: bits, extensible: extensible,
                    samples: sound.flatMap(encode))
                let played = try play(wav.bytes)
                #expect(played.samples == sound)
                #expect(played.warning == nil)
            }
        }
    }

    @Test func conversionsRoundAndClamp() throws {
        let floats: [Float] = [0, 1, -1, 7, -7, .nan, .infinity, -.infinity, 0.4 / 32768, 0.6 / 32768]
        let float = WavBytes(tag: 3, bits: 32, samples: floats.flatMap { le($0.bitPattern) })
        #expect(try play(float.bytes).samples == [0, 32767, -32768, 32767, -32768, 0, 32767, -32768, 0, 1])
        let wide: [Int32] = [0, .max, .min, 0x7FFF, 0x8000, -0x8000, -0x8001]
        let int32 = WavBytes(bits: 32, samples: wide.flatMap { le($0) })
        #expect(try play(int32.bytes).samples == [0, 32767, -32768, 0, 1, 0, -1])
        let int8 = WavBytes(bits: 8, samples: [0, 128, 255])
        #expect(try play(int8.bytes).samples == [-32768, 0, 32512])
    }

    @Test func aHeaderThatPromisesTooMuch() throws {
        let played = try play(WavBytes(samples: [1, 0, 2, 0, 3], promised: 4000).bytes)
        #expect(played.samples == [1, 2])
        #expect(played.warning == "the header promises 4000 bytes of sound and the file has 5: playing those")
        // What a program writes that doesn't know yet.
        #expect(try play(WavBytes(samples: [1, 0], promised: 0xFFFF_FFFF).bytes).warning == nil)
    }

    @Test func otherChunksArePassedOver() throws {
        let odd = Array("LIST".utf8) + le(UInt32(3)) + [1, 2, 3, 0]
        #expect(try play(WavBytes(extra: odd, samples: [1, 0]).bytes).samples == [1])
        let unpadded = Array("LIST".utf8) + le(UInt32(3)) + [1, 2, 3]
        #expect(try play(WavBytes(extra: unpadded, samples: [1, 0]).bytes).samples == [1])
        let endless = Array("LIST".utf8) + le(UInt32.max)
        #expect(failure { () throws(Failure) in _ = try play(WavBytes(extra: endless, samples: [1, 0]).bytes) }?.contains("no data chunk") == true)
    }

    @Test(arguments: [
        (WavBytes(channels: 0, samples: [1, 0]), "0 channels"),
        (WavBytes(channels: 65, samples: [1, 0]), "65 channels"),
        (WavBytes(rate: 0, samples: [1, 0]), "0 Hz"),
        (WavBytes(rate: .max, samples: [1, 0]), "4294967295 Hz"),
        (WavBytes(bits: 12, frameBytes: 2, samples: [1, 0]), "12-bit integers"),
        (WavBytes(tag: 3, bits: 64, samples: [1, 0]), "64-bit floats"),
        (WavBytes(channels: 2, frameBytes: 2, samples: [1, 0]), "frames of 2 bytes, and 2 × 16 bits make 4"),
        (WavBytes(frameBytes: 0, samples: [1, 0]), "frames of 0 bytes"),
        (WavBytes(tag: 0x11, bits: 4, samples: [1, 0]), "ADPCM"),
        (WavBytes(tag: 0x55, samples: [1, 0]), "MP3"),
        (WavBytes(tag: 0x1234, samples: [1, 0]), "format tag 4660"),
        (WavBytes(samples: []), "holds no sound"),
        (WavBytes(channels: 2, samples: [1, 0, 2]), "holds no sound"),
    ])
    func refusedInOneLine(_ wav: WavBytes, _ why: String) {
        let line = failure { () throws(Failure) in _ = try play(wav.bytes) }
        #expect(line?.hasPrefix("katydid: x.wav: ") == true)
        #expect(line?.contains(why) == true, "\(line ?? "played")")
        #expect(line?.contains("\n") == false)
    }

    @Test(arguments: [("RIFX\0\0\0\0WAVE", "RIFX"), ("ID3\u{3}aaaaaaaaaaaaaa", "not a WAV"), ("R", "too short"), ("RIFFxxxxWAVE", "no fmt")])
    func otherFiles(_ text: String, _ why: String) {
        #expect(failure { () throws(Failure) in _ = try play(Array(text.utf8)) }?.contains(why) == true)
    }

    /// Cut anywhere, or with any byte made anything: refused or played, never a crash.
    @Test func truncatedAndCorrupted() {
        let odd = Array("LIST".utf8) + le(UInt32(3)) + [1, 2, 3, 0]
        for extensible in [false, true] {
            let whole = WavBytes(channels: 2, bits: 24, extensible: extensible, extra: odd, samples: Array(0..<24)).bytes
            for count in 0...whole.count {
                let line = failure { () throws(Failure) in _ = try play(Array(whole[..<count])) }
                #expect((line == nil) == (count >= whole.count - 18))
            }
            for i in whole.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                    var bytes = whole
                    bytes[i] = value
                    _ = failure { () throws(Failure) in _ = try play(bytes) }
                }
            }
        }
    }
}
