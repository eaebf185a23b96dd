import CLinux

/// A Butterworth filter of fourth order: two biquads in a row, by the bilinear transform (Bristow-Johnson's formulas).
struct LowPass {
    private let sections: [Biquad]

    /// `cutoff`: where it takes 3 dB, Hz, below half the rate.
    init(cutoff: Double) { sections = [0.541_196_1, 1.306_563].map { Biquad(cutoff: cutoff, quality: $0) } }

    func apply(to sound: UnsafeMutableBufferPointer<Float>) {
        for section in sections { section.apply(to: sound) }
    }

    private struct Biquad {
        let b0: Float, b1: Float, a1: Float, a2: Float

        init(cutoff: Double, quality: Double) {
            let w = 2 * Double.pi * cutoff / Double(Sound.rate), alpha = sin(w) / (2 * quality), a0 = 1 + alpha
            b0 = Float((1 - cos(w)) / 2 / a0)
            b1 = Float((1 - cos(w)) / a0)
            a1 = Float(-2 * cos(w) / a0)
            a2 = Float((1 - alpha) / a0)
        }

        /// Transposed direct form II; the numerator is symmetric.
        func apply(to sound: UnsafeMutableBufferPointer<Float>) {
            var s1: Float = 0, s2: Float = 0
            for i in sound.indices {
                let x = sound[i], y = b0 * x + s1
                s1 = b1 * x - a1 * y + s2
                s2 = b0 * x - a2 * y
                sound[i] = y
            }
        }
    }
}
