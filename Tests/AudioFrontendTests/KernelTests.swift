import CKernels
import CLinux
import Testing

@Suite struct ElementaryTests {
    private func units(_ value: Double, _ expected: Double) -> Double { abs(value - expected) / expected.ulp }

    @Test func logarithm() {
        var worst = 0.0
        for k in 1...20000 {
            let x = Double(k) * 0.37e-3
            if abs(log(x)) > 1e-3 { worst = max(worst, units(k_log_f64(x), log(x))) }
        }
        for exponent in Int32(-1073)...1023 {
            let x = scalbn(1.1, exponent)
            worst = max(worst, units(k_log_f64(x), log(x)))
        }
        #expect(worst <= 2)
        #expect(k_log_f64(1) == 0 && k_log_f64(0) == -.infinity)
    }

    @Test func exponential() {
        var worst = 0.0
        for k in -6900...6900 { worst = max(worst, units(k_exp_f64(Double(k) * 0.1013), exp(Double(k) * 0.1013))) }
        #expect(worst <= 2)
    }

    @Test func circle() {
        var worst = 0.0
        for turn in Int64(-2000)...2000 {
            worst = max(worst, abs(k_cos_turn_f64(turn, 960) - cos(2 * .pi * Double(turn) / 960)))
            worst = max(worst, abs(k_sin_turn_f64(turn, 960) - sin(2 * .pi * Double(turn) / 960)))
        }
        // What is measured is mostly the error of 2πx.
        #expect(worst < 3e-15)
        #expect(k_cos_turn_f64(1, 4) == 0 && k_sin_turn_f64(1, 2) == 0 && k_sin_turn_f64(3, 4) == -1)
    }
}

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
