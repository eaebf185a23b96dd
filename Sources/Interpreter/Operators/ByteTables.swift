import ModelFormat
import Support

/// Functions of one 8-bit tensor as tables of 256 bytes. They are made once, while preparing, so what
/// matters here is only which bits they give.
extension Emitter {
    /// y = f(x) for every x of an 8-bit tensor, in the quantisations of `input` and `output`.
    mutating func lookupTable(
        from input: Tensor, to output: Tensor, _ f: (Double) -> Double
    ) throws(Failure) -> UnsafePointer<UInt8> {
        let table = try table(256, of: UInt8.self)
        let low: Double = output.type == .int8 ? -128 : 0
        for byte in 0..<256 {
            let x = input.type == .int8 ? Int(Int8(truncatingIfNeeded: byte)) : byte
            let real = f(Double(x - input.quantization.zeroPoint) * Double(input.quantization.scale))
            let q = (real / Double(output.quantization.scale)).rounded(.toNearestOrEven) + Double(output.quantization.zeroPoint)
            // A NaN can only come from a damaged file: it becomes the least value.
            let y = q > low ? min(q, low + 255) : low
            table[byte] = UInt8(truncatingIfNeeded: Int(y))
        }
        return UnsafePointer(table)
    }

    /// RELU and RELU6 as LiteRT's own kernels: max(x, 0) by a ratio of 31 bits, at most `limit`.
    mutating func rectifierTable(from input: Tensor, to output: Tensor, limit: Float) throws(Failure) -> UnsafePointer<UInt8> {
        let ratio = Double(input.quantization.scale) / Double(output.quantization.scale)
        let highest = (limit / output.quantization.scale).rounded(.toNearestOrEven)
        let most = highest < 0x1p20 ? Int(highest) : 1 << 20
        return try integerTable(from: input, to: output) { x in min(Self.byMultiplier(max(x, 0), ratio), most) }
    }

    /// LEAKY_RELU as XNNPACK's qs8-vlrelu: a factor for each side of the zero point (`byRatio`).
    mutating func leakyTable(from input: Tensor, to output: Tensor, slope: Float) throws(Failure) -> UnsafePointer<UInt8> {
        let ratio = input.quantization.scale / output.quantization.scale
        return try integerTable(from: input, to: output) { x in Self.byRatio(x, x < 0 ? ratio * slope : ratio) }
    }

    /// HARD_SWISH as LiteRT's own kernel: x · 2⁷ by two factors of 16 bits, one of them saturating to the
    /// piecewise linear half, and their product, each rounded in its own way.
    mutating func hardSwishTable(from input: Tensor, to output: Tensor) throws(Failure) -> UnsafePointer<UInt8> {
        let unit = input.quantization.scale / 128
        let outer = Self.factor(unit / output.quantization.scale), inner = Self.factor(unit / (3 / 32768))
        return try integerTable(from: input, to: output) { x in
            let fine = x * 128
            let scaled = Self.highProduct(fine, outer.multiplier)
            // x / 3 in 1/32768, saturated: then (x / 3 + 1) / 2 lies in 0…1.
            var gate = fine
            if inner.exponent > 0 { gate = Self.saturate(gate << (inner.exponent - 1)) }
            gate = Self.highProduct(gate, inner.multiplier)
            if inner.exponent > 0 { gate = Self.saturate(gate << 1) }
            gate = Self.shiftedAway(gate, -inner.exponent)
            let product = (gate + 32768) / 2 * scaled / 32768
            return outer.exponent > 0 ? product << outer.exponent : Self.shiftedAway(product, -outer.exponent)
        }
    }

    /// `ratio` as a factor of 15 bits and a power of two.
    private static func factor(_ ratio: Float) -> (multiplier: Int, exponent: Int) {
        guard ratio >= 0x1p-30, ratio <= 0x1p30 else { return (ratio > 1 ? 32767 : 0, 0) }
        let wide = Int((Double(ratio).significand * 0x1p30).rounded(.toNearestOrAwayFromZero))
        return (min((wide + 32768) >> 16, 32767), Int(ratio.exponent) + 1)
    }

    private static func saturate(_ x: Int) -> Int { min(max(x, -32768), 32767) }

    /// a · b / 2¹⁵, halves away from zero.
    private static func highProduct(_ a: Int, _ b: Int) -> Int {
        let product = a * b
        return saturate((product >= 0 ? product + 16384 : product + 1 - 16384) / 32768)
    }

    /// x / 2^shift, halves away from zero; x for a shift of 0 or less.
    private static func shiftedAway(_ x: Int, _ shift: Int) -> Int {
        guard shift > 0 else { return x }
        let magnitude = (abs(x) + (1 << (shift - 1))) >> shift
        return x < 0 ? -magnitude : magnitude
    }

    /// The same real in another 8-bit quantisation, as the engine computes it that users deploy: between
    /// equal types XNNPACK's qs8-vcvt (`byRatio`), where it takes the ratio of scales; else LiteRT's own
    /// kernel (`byMultiplier`).
    mutating func requantizeTable(from input: Tensor, to output: Tensor) throws(Failure) -> UnsafePointer<UInt8> {
        let ratio = input.quantization.scale / output.quantization.scale
        if input.type == output.type && ratio >= 0x1p-8 && ratio <= 0x1p7 {
            return try integerTable(from: input, to: output) { x in Self.byRatio(x, ratio) }
        }
        let exact = Double(input.quantization.scale) / Double(output.quantization.scale)
        return try integerTable(from: input, to: output) { x in Self.byMultiplier(x, exact) }
    }

    /// x · ratio with the ratio in 1/256, halves upwards: (x · round_half_even(256 · ratio) + 128) >> 8.
    private static func byRatio(_ x: Int, _ ratio: Float) -> Int {
        let scaled = (256 * ratio).rounded(.toNearestOrEven)
        // Beyond this everything saturates anyway; a NaN can only come from a damaged file.
        let factor = scaled > -0x1p30 ? Int(min(scaled, 0x1p30)) : Int(-0x1p30)
        return (x * factor + 128) >> 8
    }

    /// x · ratio with a ratio of 31 bits, rounded twice, halves upwards: to the doubled high half, then
    /// down by the ratio's exponent.
    private static func byMultiplier(_ x: Int, _ ratio: Double) -> Int {
        guard ratio > 0x1p-60, ratio.isFinite else { return 0 }
        var multiplier = Int((ratio.significand * 0x1p30).rounded(.toNearestOrAwayFromZero))
        var exponent = Int(ratio.exponent) + 1
        if multiplier == 1 << 31 {
            multiplier >>= 1
            exponent += 1
        }
        let left = min(max(exponent, 0), 20), right = max(-exponent, 0)
        let high = ((x << left) * multiplier + (1 << 30)) >> 31
        return right == 0 ? high : (high + (1 << (right - 1))) >> right
    }

    /// y = clamp(f(x − zero) + output zero) for every x of an 8-bit tensor.
    private mutating func integerTable(
        from input: Tensor, to output: Tensor, _ f: (Int) -> Int
    ) throws(Failure) -> UnsafePointer<UInt8> {
        let table = try table(256, of: UInt8.self)
        let low = output.type == .int8 ? -128 : 0
        for byte in 0..<256 {
            let x = input.type == .int8 ? Int(Int8(truncatingIfNeeded: byte)) : byte
            let y = f(x - input.quantization.zeroPoint) + output.quantization.zeroPoint
            table[byte] = UInt8(truncatingIfNeeded: min(max(y, low), low + 255))
        }
        return UnsafePointer(table)
    }
}
