import CKernels
import CLinux
import Testing

@Suite struct FFTTests {
    private let signal = (0..<512).map { Int16(truncatingIfNeeded: ($0 * $0 * 7919) % 60013 - 30000) }

    private func spectrum(_ bin: Int) -> (re: Double, im: Double) {
        signal.enumerated().reduce((0, 0)) { sum, sample in
            let angle = -2 * Double.pi * Double(sample.offset * bin % 512) / 512
            return (sum.0 + Double(sample.element) * cos(angle), sum.1 + Double(sample.element) * sin(angle))
        }
    }

    @Test func float() {
        var twiddles = [k_complex_f32](repeating: .init(), count: 256), z = twiddles
        var order = [UInt16](repeating: 0, count: 256)
        var out = [k_complex_f32](repeating: .init(), count: 257)
        k_fft_f32_tables(256, &twiddles, &order)
        twiddles.withUnsafeBufferPointer { twiddles in
            order.withUnsafeBufferPointer { order in
                var fft = k_fft_f32(points: 256, twiddles: twiddles.baseAddress, order: order.baseAddress)
                k_fft_f32_real(&fft, signal.map(Float.init), &z, &out)
            }
        }
        for bin in 0...256 {
            let expected = spectrum(bin)
            #expect(abs(Double(out[bin].re) - expected.re) < 0.5 && abs(Double(out[bin].im) - expected.im) < 0.5)
        }
    }

    @Test func fixedPoint() {
        var twiddles = [k_complex_s16](repeating: .init(), count: 256), z = twiddles, split = twiddles
        var order = [UInt16](repeating: 0, count: 256)
        var out = [k_complex_s16](repeating: .init(), count: 257)
        k_fft_s16_tables(256, &twiddles, &split, &order)
        twiddles.withUnsafeBufferPointer { twiddles in
            split.withUnsafeBufferPointer { split in
                order.withUnsafeBufferPointer { order in
                    var fft = k_fft_s16(
                        points: 256, twiddles: twiddles.baseAddress, split: split.baseAddress, order: order.baseAddress)
                    k_fft_s16_real(&fft, signal, &z, &out)
                }
            }
        }
        for bin in 0...256 {
            let expected = spectrum(bin)
            #expect(abs(Double(out[bin].re) - expected.re / 512) < 5 && abs(Double(out[bin].im) - expected.im / 512) < 5)
        }
    }
}
