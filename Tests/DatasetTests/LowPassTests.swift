import CLinux
import Recordings
import Testing

@testable import Dataset

struct LowPassTests {
    /// What is left of a tone is what Butterworth's formula says, with the frequencies that the bilinear transform bends.
    @Test(arguments: [(3400.0, 500.0), (3400, 3400), (3400, 6000), (7500, 3000)]) func attenuates(_ cutoff: Double, _ frequency: Double) {
        var sound = Tone.sine(frequency, 1, 0.5).map { Float($0) }
        let before = level(&sound)
        sound.withUnsafeMutableBufferPointer { LowPass(cutoff: cutoff).apply(to: $0) }
        let after = level(&sound)
        let ratio = tan(.pi * frequency / 16_000) / tan(.pi * cutoff / 16_000)
        #expect(abs(Double(after / before) - 1 / (1 + pow(ratio, 8)).squareRoot()) < 0.002)
    }

    /// Of its second half.
    private func level(_ sound: inout [Float]) -> Float {
        sound.withUnsafeMutableBufferPointer { Sound.rootMeanSquare(UnsafeMutableBufferPointer(rebasing: $0[8000...])) }
    }
}
