import Testing

@testable import AudioFrontend

@Suite struct CommandMFCCTests {
    private let seconds = [1, 2, 3, 4, 5, 9, 11, 12]

    private func features(_ samples: [Int16]) throws -> [Float] {
        var mfcc = try CommandMFCC()
        samples.withUnsafeBufferPointer { mfcc.compute($0) }
        return Array(mfcc.features)
    }

    private func quantized(_ samples: [Int16]) throws -> [Int8] {
        var mfcc = try CommandMFCC()
        samples.withUnsafeBufferPointer { mfcc.compute($0) }
        var values = [Int8](repeating: 0, count: 490)
        values.withUnsafeMutableBufferPointer { mfcc.quantize(to: $0) }
        return values
    }

    @Test func coefficientsAreTheDefinition() throws {
        let expected = try Golden.numbers("mfcc.f32", as: Float.self)
        for (place, second) in seconds.enumerated() {
            let values = try features(TestSignal.second(second))
            let worst = zip(values, expected[(place * 490)...]).map { abs($0 - $1) / max(1, abs($1)) }.max()!
            // Noise and voice fill every bin. Clean tones leave bins that hold nothing but float32's rounding;
            // TensorFlow's own float32 is off by up to 7e-3 there.
            let tolerance: Float = [2, 3, 9].contains(second) ? 1e-4 : 3e-3
            #expect(worst < tolerance, "second \(second): worst \(worst)")
        }
    }

    @Test func quantizedCoefficientsAreWithinOne() throws {
        let expected = try Golden.numbers("mfcc.f32", as: Float.self).map {
            Int8(min(127, max(-128, ($0 / 0.58470291 + 83).rounded(.toNearestOrEven))))
        }
        let values = try seconds.flatMap { try quantized(TestSignal.second($0)) }
        let errors = zip(values, expected).map { abs(Int($0) - Int($1)) }
        #expect(errors.max()! <= 1)
        let exact = errors.filter { $0 == 0 }.count
        #expect(exact * 1000 >= errors.count * 999, "\(exact) of \(errors.count) exact")
    }

    /// Recorded from x86-64: every ISA must give the same bits.
    @Test func bitsAreTheSameEverywhere() throws {
        let crc = CRC32.of(try seconds.flatMap { try features(TestSignal.second($0)) })
        #expect(crc == "867af9d5")
    }

    @Test func shortLongAndSilentClips() throws {
        let clip = TestSignal.second(3)
        #expect(try features(clip + clip) == features(clip))
        #expect(try features(Array(clip.prefix(9000))) == features(clip.prefix(9000) + [Int16](repeating: 0, count: 7000)))
        #expect(try features([]).allSatisfy { $0.isFinite })
        #expect(try features([Int16](repeating: -5, count: 16000)).allSatisfy { $0.isFinite })
    }
}
