import CLinux
import Support
import Testing

@testable import AudioFrontend

@Suite struct ResamplerTests {
    private func resample(_ samples: [Int16], from: Int, to: Int = 16000, chunk: Int = .max, room: Int = 4096) throws
        -> [Int16]
    {
        var resampler = try Resampler(from: from, to: to)
        var result: [Int16] = []
        var output = [Int16](repeating: 0, count: room)
        for start in stride(from: 0, to: samples.count, by: min(chunk, samples.count)) {
            let part = Array(samples[start..<start + min(chunk, samples.count - start)])
            var consumed = 0
            while true {
                let count = part.withUnsafeBufferPointer { input in
                    output.withUnsafeMutableBufferPointer {
                        resampler.process(input: input, consumed: &consumed, output: $0)
                    }
                }
                result += output[..<count]
                if count < room && consumed == part.count { break }
            }
        }
        return result
    }

    private let amplitude = 32000.0

    private func tone(_ hertz: Double, rate: Int) -> [Int16] {
        (0..<rate / 2).map { Int16((amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate))).rounded()) }
    }

    private func decibels(_ ratio: Double) -> Double { 20 * log10(ratio) }

    /// Amplitude at `hertz` and what is left without it (RMS·√2), both relative to the input, and the phase. Hann
    /// weights keep the ends, where the filter starts, out.
    private func analyse(_ output: [Int16], hertz: Double, rate: Int) -> (gain: Double, rest: Double, phase: Double) {
        let edge = 400
        let inner = output[edge..<(output.count - edge)]
        var cc = 0.0, cs = 0.0, ss = 0.0, xc = 0.0, xs = 0.0
        for (i, x) in zip(inner.indices, inner) {
            let angle = 2 * .pi * hertz * Double(i) / Double(rate)
            let (c, s) = (cos(angle), sin(angle))
            cc += c * c
            cs += c * s
            ss += s * s
            xc += Double(x) * c
            xs += Double(x) * s
        }
        let determinant = cc * ss - cs * cs
        let a = (xc * ss - xs * cs) / determinant, b = (xs * cc - xc * cs) / determinant
        var rest = 0.0
        for (i, x) in zip(inner.indices, inner) {
            let angle = 2 * .pi * hertz * Double(i) / Double(rate)
            let left = Double(x) - a * cos(angle) - b * sin(angle)
            rest += left * left
        }
        let gain = (a * a + b * b).squareRoot() / amplitude
        return (gain, (2 * rest / Double(inner.count)).squareRoot() / amplitude, atan2(a, b))
    }

    @Test func equalRatesPassUntouched() throws {
        let samples = (0..<3).flatMap(TestSignal.second)
        #expect(try resample(samples, from: 16000, chunk: 777) == samples)
    }

    @Test(arguments: [8000, 11025, 12000, 15999, 16001, 22050, 24000, 32000, 44100, 44101, 48000, 88200, 96000, 176400, 192000])
    func quality(_ rate: Int) throws {
        let lower = Double(min(rate, 16000))
        var ripple = 0.0, distortion = -200.0, alias = -200.0, phase = 0.0
        for part in [0.01, 0.05, 0.13, 0.31, 0.5, 0.68, 0.81, 0.875] {
            let hertz = part * lower / 2
            let result = analyse(try resample(tone(hertz, rate: rate), from: rate), hertz: hertz, rate: 16000)
            ripple = max(ripple, abs(decibels(result.gain)))
            distortion = max(distortion, decibels(result.rest))
            phase = max(phase, abs(result.phase))
        }
        for hertz in stride(from: 8000.0 * 1.003, to: Double(rate) / 2, by: Double(rate) / 37) where rate > 16000 {
            let output = try resample(tone(hertz, rate: rate), from: rate)
            let energy = output.dropFirst(400).dropLast(400).reduce(0) { $0 + Double($1) * Double($1) }
            let level = (2 * energy / Double(output.count - 800)).squareRoot() / amplitude
            alias = max(alias, decibels(max(level, 1e-10)))
        }
        print("resampler \(rate) Hz: ripple \(ripple) dB, distortion and images \(distortion) dB, alias \(alias) dB")
        #expect(ripple < 0.01)
        #expect(distortion < -80)
        #expect(alias < -80)
        // Output k lies at input time k·from/to.
        #expect(phase < 0.001)
    }

    @Test(arguments: [8000, 44100, 44101, 48000, 192_000]) func chunksDontMatter(_ rate: Int) throws {
        let samples = [3, 2, 4, 11].flatMap(TestSignal.second)
        let whole = try resample(samples, from: rate)
        #expect(try resample(samples, from: rate, chunk: 1) == whole)
        #expect(try resample(samples, from: rate, chunk: 1023, room: 7) == whole)
        let due = (samples.count - (try Resampler(from: rate)).delay) * 16000 / rate
        #expect(abs(whole.count - due) <= 1)
    }

    @Test func whatHadNoRoomComesWithoutInput() throws {
        var resampler = try Resampler(from: 8000)
        let samples = TestSignal.second(3)
        var consumed = 0
        var output = [Int16](repeating: 0, count: 100)
        var total = 0
        samples.withUnsafeBufferPointer { all in
            let input = UnsafeBufferPointer(rebasing: all[..<1000])
            total += output.withUnsafeMutableBufferPointer {
                resampler.process(input: input, consumed: &consumed, output: $0)
            }
        }
        let empty = UnsafeBufferPointer<Int16>(start: nil, count: 0)
        #expect(consumed == 1000 && total == 100)
        consumed = 0
        while true {
            let count = output.withUnsafeMutableBufferPointer {
                resampler.process(input: empty, consumed: &consumed, output: $0)
            }
            total += count
            if count < 100 { break }
        }
        #expect(total == 2 * (1000 - resampler.delay))
    }

    @Test func clippingSaturates() throws {
        // Overshoots of a full-scale square wave must not wrap.
        let square = (0..<48000).map { Int16(($0 / 48) % 2 == 0 ? 32767 : -32768) }
        let output = try resample(square, from: 48000)
        #expect(output.max() == 32767 && output.min() == -32768)
        #expect(zip(output.dropFirst(200), output.dropFirst(201)).allSatisfy { abs(Int($0) - Int($1)) < 60000 })
    }

    /// Recorded from x86-64: every ISA must give the same bits.
    @Test(arguments: [(8000, "eec3816b"), (44100, "7a3d369b"), (44101, "2cc92e02"), (48000, "f2654bd5")])
    func bitsAreTheSameEverywhere(_ rate: Int, _ crc: String) throws {
        let actual = CRC32.of(try resample((0..<13).flatMap(TestSignal.second), from: rate))
        #expect(actual == crc)
    }

    @Test func resetIsAsNew() throws {
        var resampler = try Resampler(from: 44100)
        let samples = TestSignal.second(3)
        func run() -> [Int16] {
            var consumed = 0
            var output = [Int16](repeating: 0, count: 16000)
            let count = samples.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { resampler.process(input: input, consumed: &consumed, output: $0) }
            }
            return Array(output[..<count])
        }
        let first = run()
        resampler.reset()
        #expect(run() == first)
    }

    @Test(arguments: [0, -1, 7999, 192_001, .max]) func impossibleRatesAreRefused(_ rate: Int) {
        #expect(throws: Failure.self) { _ = try Resampler(from: rate) }
    }
}
