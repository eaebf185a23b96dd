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
