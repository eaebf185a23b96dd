import Support
import Testing

@testable import AudioFrontend

@Suite struct LogMelTests {
    private var options: LogMel.Options {
        var options = LogMel.Options()
        options.windowSamples = 640
        options.hopSamples = 200
        options.fftSize = 1024
        options.bins = 64
        options.lowest = 60
        options.highest = 7800
        options.spectrum = .power
        options.scale = .slaney
        options.logarithm = .floor(1e-10)
        return options
    }

    private func features(_ samples: [Int16], chunk: Int) throws -> [Float] {
        var mel = try LogMel(options)
        var values: [Float] = []
        samples.withUnsafeBufferPointer { all in
            for start in stride(from: 0, to: all.count, by: chunk) {
                var part = UnsafeBufferPointer(rebasing: all[start..<min(start + chunk, all.count)])
                while mel.feed(&part) { values += mel.features }
            }
        }
        return values
    }

    @Test func slaneyPowerIsTheDefinition() throws {
        let expected = try Golden.numbers("logmel.f32", as: Float.self)
        let values = try features(TestSignal.second(3), chunk: 16000)
        try #require(values.count == expected.count)
        let worst = zip(values, expected).map { abs($0 - $1) }.max()!
        #expect(worst < 1e-4, "worst \(worst)")
        #expect(try features(TestSignal.second(3), chunk: 33) == values)
    }

    /// Recorded from x86-64: every ISA must give the same bits.
    @Test func bitsAreTheSameEverywhere() throws {
        let crc = CRC32.of(try features(TestSignal.second(3), chunk: 16000))
        #expect(crc == "b546c93a")
    }

    @Test func contradictionsAreRefused() {
        for change: (inout LogMel.Options) -> Void in [
            { $0.fftSize = 1000 }, { $0.fftSize = 512 }, { $0.hopSamples = 641 }, { $0.hopSamples = 0 },
            { $0.bins = 0 }, { $0.highest = 8001 }, { $0.lowest = 7800 }, { $0.lowest = -1 }, { $0.sampleRate = 0 },
        ] {
            var changed = options
            change(&changed)
            #expect(throws: Failure.self) { _ = try LogMel(changed) }
        }
    }
}
