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
