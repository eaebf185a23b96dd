import Testing

import KernelCheck

/// The references against arithmetic that is written down elsewhere: by hand, and in `Layer`.
@Suite struct ReferenceTests {
    @Test func int8ByHand() {
        let fc = Layer(input: (1, 1, 2), output: (1, 1, 1))
        // (10 − 3)·2 + (−4 − 3)·5 + 30 = 9; 9 · 0.5 = 4.5, half to even 4; + 7.
        #expect(fc.s8([10, -4], [2, 5], [30], [0.5], zeros: (3, 7)) == [11])
        // 11 · 0.5 = 5.5 → 6.
        #expect(fc.s8([10, -4], [2, 5], [32], [0.5], zeros: (3, 7)) == [13])
        // −9 · 0.5 = −4.5 → −4.
        #expect(fc.s8([10, -4], [2, 5], [12], [0.5], zeros: (3, 7)) == [3])
        #expect(fc.s8([-128, -128], [-128, -128], [0], [1]) == [127])
        // Int32.max + 1 wraps to Int32.min.
        #expect(fc.s8([1, 0], [1, 0], [.max], [1]) == [-128])
        #expect(fc.s8([1, 0], [1, 0], [.max], [.nan], zeros: (0, 5), range: -3...4) == [-3])
        #expect(fc.s8([1, 0], [1, 0], [6], [1], zeros: (0, 0), range: 0...6) == [6])
    }

    @Test func paddingIsTheZeroPoint() {
        let layer = Layer(input: (1, 2, 1), output: (1, 2, 1), kernel: (1, 3), pad: (0, 1))
        // x − zero = 1, 2; w = 1, 10, 100: 10 + 200 and 1 + 20, scaled by 1/4: 52.5 → 52, 5.25 → 5.
        #expect(layer.s8([101, 102], [1, 10, 100], [0], [0.25], zeros: (100, 0)) == [52, 5])
    }

    @Test(arguments: 0..<5) func int8AgainstWideIntegers(index: Int) {
        var numbers = Numbers()
        let layer = Layer.awkward[index]
        for (bias, scale) in [(20_000, Float(0x1p-9)), (Int(Int32.max), Float(0x1p-25))] {
            let x = (0..<layer.inputCount).map { _ in Int8(numbers.int(-128...127)) }
            let w = (0..<layer.weightCount).map { _ in Int8(numbers.int(-128...127)) }
            let b = (0..<layer.output.channels).map { _ in Int32(numbers.int(-bias...bias)) }
            let s = (0..<layer.output.channels).map { scale * Float(numbers.int(100...200)) * 0.0123 * Float($0 + 1) }
            let y = layer.s8(x, w, b, s, zeros: (-17, 5), range: -100...120)
            layer.forEachOutput { i, c, taps in
                let sum = taps.reduce(Int64(b[c])) { $0 + ($1.x.map { Int64(x[$0]) + 17 } ?? 0) * Int64(w[$1.w]) }
                // The product of two floats is exact in double.
                let scaled = Float(Double(Float(Int32(truncatingIfNeeded: sum))) * Double(s[c]))
                let rounded = min(max(scaled, -105), 115).rounded(.toNearestOrEven)
                #expect(Int(y[i]) == Int(rounded) + 5)
            }
        }
    }

    @Test(arguments: 0..<5) func floatOfIntegersIsExact(index: Int) {
        var numbers = Numbers()
        let layer = Layer.awkward[index]
        let x = (0..<layer.inputCount).map { _ in Float(numbers.int(-99...99)) }
        let w = (0..<layer.weightCount).map { _ in Float(numbers.int(-99...99)) }
        let b = (0..<layer.output.channels).map { _ in Float(numbers.int(-999...999)) }
        let y = layer.f32(x, w, b, low: -9000, high: 9000)
        layer.forEachOutput { i, c, taps in
            let sum = taps.reduce(Double(b[c])) { $0 + ($1.x.map { Double(x[$0]) } ?? 0) * Double(w[$1.w]) }
            #expect(Double(y[i]) == min(max(sum, -9000), 9000))
        }
    }

    @Test func floatCornersAreDefined() {
        let fc = Layer(input: (1, 1, 1), output: (1, 1, 1))
        #expect(fc.f32([.infinity], [0], [1])[0].bitPattern == 0x7fc0_0000)
        #expect(fc.f32([Float(bitPattern: 0xffc0_0001)], [1], [1], low: 0, high: 6)[0].bitPattern == 0x7fc0_0000)
        #expect(fc.f32([0], [1], [-0.0], low: 0)[0].bitPattern == 0)
        // Fused: 1 + 2⁻¹² squared minus its rounding to float leaves 2⁻²⁴.
        #expect(fc.f32([1 + 0x1p-12], [1 + 0x1p-12], [-(1 + 0x1p-11)]) == [0x1p-24])
        // An infinite weight over padding is skipped, not multiplied by zero.
        let padded = Layer(input: (1, 1, 1), output: (1, 1, 1), kernel: (1, 2), pad: (0, 1))
        #expect(padded.f32([2], [.infinity, 3], [-0.0]) == [6])
        let outside = Layer(input: (1, 1, 1), output: (1, 1, 1), kernel: (1, 1), pad: (0, 1))
        #expect(outside.f32([2], [.nan], [-0.0])[0].bitPattern == 0x8000_0000)
    }

    /// x = −1 … 1.55: s = 100, z = −28; q = −128, −28, 127.
    @Test func hybridByHand() {
        let row = Layer(input: (1, 1, 3), output: (1, 1, 1))
        let y = row.hybrid([-1, 0, 1.55], [1, 50, 2], [0.25], [0.5])[0]
        // (−100·1 + 0·50 + 155·2) / 100 · 0.5 + 0.25 = 1.3
        #expect(abs(y - 1.3) < 1e-6)
        #expect(row.hybrid([0, 0, 0], [1, 50, 2], [0.25], [0.5]) == [0.25])
    }

    /// Pointwise layers have a range a pixel, others one an image.
    @Test func hybridRanges() {
        var layer = Layer(input: (1, 2, 1), output: (1, 2, 1))
        #expect(abs(layer.hybrid([0.001, 1000], [1], [0], [1])[0] - 0.001) < 1e-8)
        layer.kernel = (1, 2)
        #expect(layer.hybrid([0.001, 1000], [1, 0], [0], [1])[0] == 0)
    }

    @Test(arguments: 0..<3) func hybridIsNearTheFloatLayer(index: Int) {
        var numbers = Numbers()
        let layer = Layer.awkward[index]
        let x = (0..<layer.inputCount).map { _ in Float(numbers.int(-1000...2000)) / 1000 }
        let w = (0..<layer.weightCount).map { _ in Int8(numbers.int(-128...127)) }
        let b = (0..<layer.output.channels).map { _ in Float(numbers.int(-99...99)) / 100 }
        let s = (0..<layer.output.channels).map { _ in Float(numbers.int(1...9)) / 1000 }
        let y = layer.hybrid(x, w, b, s)
        layer.forEachOutput { i, c, taps in
            let sum = taps.reduce(0.0) { $0 + ($1.x.map { Double(x[$0]) } ?? 0) * Double(w[$1.w]) }
            // Each input is off by at most half a step of 3/255.
            let error = taps.reduce(0.0) { $0 + abs(Double(w[$1.w])) } * 3 / 255 * 0.51
            #expect(abs(Double(y[i]) - (sum * Double(s[c]) + Double(b[c]))) <= error * Double(s[c]) + 1e-4)
        }
    }

    @Test func digestsAreTheSameEverywhere() {
        var digests: [UInt64] = []
        checkKernels(seed: AgreedDigests.seed, rounds: AgreedDigests.rounds, features: 0) {
            if case .reference(let digest) = $0.outcome { digests.append(digest) }
        }
        #expect(digests == AgreedDigests.values)
    }
}
