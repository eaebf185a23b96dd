import CLinux
import CSndFile
import Recordings
import Support
import Testing

@testable import Dataset

struct SoundTests {
    let scratch = Scratch()

    private func failure(_ name: String, limit: Double = Sound.clipLimit) -> Failure? {
        do throws(Failure) {
            _ = try Sound.read(scratch.path + "/" + name, limit: limit)
            return nil
        } catch { return error }
    }

    @Test(arguments: ["a.wav", "a.flac"]) func whatIsWrittenIsRead(_ name: String) throws {
        let sound = Tone.noise(0.3)
        try scratch.write(name, sound)
        #expect(try Sound.read("\(scratch.path)/\(name)") == sound)
        #expect(access("\(scratch.path)/\(name).part", F_OK) != 0)
    }

    /// Two channels become their mean, and 44.1 kHz become 16: a tone keeps its pitch and its level.
    @Test func otherRatesAndChannels() throws {
        let tone = Tone.sine(440, 1, 0.4, rate: 44_100)
        try scratch.write("stereo.wav", Tone.wav(tone.flatMap { [$0, Int16(0)] }, rate: 44_100, channels: 2))
        let sound = try Sound.read("\(scratch.path)/stereo.wav")
        #expect(sound.count == 16_000)
        let expected = Tone.sine(440, 1, 0.2)
        let error = (500..<15_500).map { abs(Int(sound[$0]) - Int(expected[$0])) }.max()!
        #expect(error <= 8)
    }

    /// MP3 counts frames before and behind the sound that its coder put there.
    @Test func mp3() throws {
        let tone = Tone.sine(440, 1, 0.3), path = "\(scratch.path)/a.mp3"
        var info = SF_INFO()
        (info.samplerate, info.channels, info.format) = (16_000, 1, 0x23_0082)
        let file = try #require(sf_open(path, Int32(SFM_WRITE), &info), "this libsndfile writes no MP3")
        #expect(sf_write_short(file, tone, sf_count_t(tone.count)) == tone.count)
        sf_close(file)
        let sound = try Sound.read(path)
        #expect(abs(sound.count - tone.count) <= 2 * 1152)
        let level = Loudness(sound).level / Loudness(tone).level
        #expect(abs(level - 1) < 0.05)
        #expect(try Corpus.sounds(in: scratch.path) == [path])
    }

    /// Ogg's last page says how many frames there are, and some coders say more than there are.
    @Test func oggThatCountsMore() throws {
        let tone = Tone.sine(440, 12, 0.3), path = "\(scratch.path)/a.ogg"
        var info = SF_INFO()
        (info.samplerate, info.channels, info.format) = (16_000, 1, Int32(SF_FORMAT_OGG) | 0x60)
        let file = try #require(sf_open(path, Int32(SFM_WRITE), &info), "this libsndfile writes no Vorbis")
        #expect(sf_write_short(file, tone, sf_count_t(tone.count)) == tone.count)
        sf_close(file)
        let whole = try Sound.read(path)
        let mapped = try MappedFile(path)
        let bytes = withExtendedLifetime(mapped) { [UInt8](mapped.bytes) }
        try scratch.write("more.ogg", Ogg.longer(bytes, by: 1000))
        let more = try Sound.read("\(scratch.path)/more.ogg")
        // The last block is no longer cut short.
        #expect(more.starts(with: whole) && more.count < whole.count + 1000)
        try scratch.write("most.ogg", Ogg.longer(bytes, by: 10_000))
        #expect(failure("most.ogg")?.why.contains("is damaged") == true)
    }

    @Test func badFilesSayWhy() throws {
        try scratch.write("empty.wav", [UInt8]())
        try scratch.write("text.wav", Array("this is no sound at all, whatever its name says".utf8))
        try scratch.write("nothing.wav", Tone.wav([], rate: 16_000))
        try scratch.write("long.wav", Tone.silence(3))
        try scratch.write("good.flac", Tone.noise(2))
        try #require(mkdir(scratch.path + "/folder.wav", 0o755) == 0)
        #expect(failure("empty.wav")?.why == "the file is empty")
        #expect(failure("text.wav")?.status == .data)
        #expect(failure("nothing.wav")?.why == "holds no sound")
        #expect(failure("missing.wav")?.status == .noInput)
        #expect(failure("folder.wav")?.why == "not a regular file")
        #expect(failure("long.wav", limit: 2)?.why.contains("2 s is the limit") == true)
        #expect(failure("long.wav", limit: 3) == nil)
        // A hole in the middle of compressed sound.
        let file = try MappedFile("\(scratch.path)/good.flac")
        var bytes = [UInt8](file.bytes)
        for i in (bytes.count / 2)..<(bytes.count / 2 + 2000) { bytes[i] = 0 }
        try scratch.write("damaged.flac", bytes)
        #expect(failure("damaged.flac")?.why.contains("is damaged") == true)
        try scratch.write("short.flac", Array(file.bytes[..<(file.count / 2)]))
        #expect(failure("short.flac")?.why.contains("is damaged") == true)
    }

    @Test func remarks() {
        #expect(Sound.remark(on: Tone.silence(1)) == .silent)
        #expect(Sound.remark(on: Tone.sine(300, 1, 0.5)) == nil)
        let clipped = Tone.sine(300, 1, 1).map { Int16(clamping: Int($0) * 2) }
        guard case .clipped(let share) = Sound.remark(on: clipped) else {
            Issue.record("not seen as clipped")
            return
        }
        #expect(share > 0.3 && share < 0.8)
    }

    @Test(arguments: [20.0, 10, 5, 0]) func mixing(_ snr: Double) {
        let clip = Tone.silence(0.3) + Tone.sine(500, 0.4, 0.3) + Tone.silence(0.3), noise = Tone.noise(5, 0.5)
        let mixed = Sound.mix(clip, noise, snr: snr, seed: 7)
        #expect(mixed == Sound.mix(clip, noise, snr: snr, seed: 7) && mixed != Sound.mix(clip, noise, snr: snr, seed: 8))
        let added = zip(mixed, clip).map { Double($0) - Double($1) }
        let power = added.reduce(0) { $0 + $1 * $1 } / Double(added.count)
        // The tone's, of which the loud part is all that counts.
        let signal = Double(Loudness(clip).level)
        #expect(abs(10 * log10(signal * signal / power) - snr) < 0.1)
        #expect(abs(signal - 0.3 * 32767 / 2.0.squareRoot()) < 0.03 * signal)
    }

    @Test func theLoudPart() {
        let extent = Loudness(Tone.noise(0.4, 0.002) + Tone.sine(500, 0.3, 0.3) + Tone.noise(0.3, 0.002)).extent
        #expect((5500...6400).contains(extent.lowerBound) && (11_200...12_400).contains(extent.upperBound))
    }

    /// Against a sum of products, of signals of few blocks and of more than a transform takes.
    @Test(arguments: [12_000, 16_384, 37_000]) func convolution(_ count: Int) {
        var generator = Generator(3)
        let signal = (0..<count).map { _ in Float(generator.between(-1, 1)) }, response = (0..<900).map { _ in Float(generator.between(-1, 1)) }
        let convolver = Convolver()
        var out = signal
        var scratch = [Float](repeating: 0, count: 2 * Convolver.points)
        out.withUnsafeMutableBufferPointer { out in
            scratch.withUnsafeMutableBufferPointer { convolver.apply(convolver.transformed(response), to: out, scratch: $0.baseAddress!) }
        }
        var largest = 0.0
        for i in stride(from: 0, to: out.count, by: 7) {
            var sum = 0.0
            for k in 0...min(i, response.count - 1) { sum += Double(response[k]) * Double(signal[i - k]) }
            largest = max(largest, abs(sum - Double(out[i])))
        }
        // Of sums that are about 10.
        #expect(largest < 2e-4)
    }
}

/// Pages of Ogg (RFC 3533).
private enum Ogg {
    /// What says that it has some frames more.
    static func longer(_ file: [UInt8], by frames: UInt64) -> [UInt8] {
        var file = file, at = 0
        while at < file.count {
            let segments = Int(file[at + 26]), size = 27 + segments + file[(at + 27)..<(at + 27 + segments)].reduce(0) { $0 + Int($1) }
            let number = (0..<8).reduce(UInt64(0)) { $0 | UInt64(file[at + 6 + $1]) << (8 * UInt64($1)) }
            if file[at + 5] & 4 != 0 { for i in 0..<8 { file[at + 6 + i] = UInt8(truncatingIfNeeded: (number + frames) >> (8 * UInt64(i))) } }
            for i in 22..<26 { file[at + i] = 0 }
            let sum = file[at..<(at + size)].reduce(UInt32(0)) { sum, byte in
                (0..<8).reduce(sum ^ UInt32(byte) << 24) { sum, _ in sum << 1 ^ (sum >> 31) * 0x04c1_1db7 }
            }
            for i in 0..<4 { file[at + 22 + i] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(i))) }
            at += size
        }
        return file
    }
}
