/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same cases from the same seed on every machine,
/// which is why floats are made of bits and exact products only.
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform in `range`, near enough for tests. Never inlined: it has some hundred callers, and a board's binary its limit.
    @inline(never)
    mutating func int(_ range: ClosedRange<Int32>) -> Int32 {
        let span = UInt64(Int64(range.upperBound) - Int64(range.lowerBound) + 1)
        return Int32(Int64(range.lowerBound) + Int64((next() >> 16) % span))
    }

    @inline(never)
    mutating func chance(_ percent: Int32) -> Bool { int(1...100) <= percent }

    /// In −1 … 1, a multiple of 2⁻²³.
    mutating func unit() -> Float { Float(int(-0x80_0000...0x80_0000)) * 0x1p-23 }

    /// 2ᵉ · (1 … 2), e uniform in `exponents`.
    mutating func scale(_ exponents: ClosedRange<Int32>) -> Float {
        let exponent = UInt32(int(exponents) + 127)
        return Float(bitPattern: exponent << 23 | UInt32(next() & 0x7f_ffff))
    }

    /// One of the floats that break things.
    mutating func awkwardFloat() -> Float {
        switch int(0...9) {
        case 0: .infinity
        case 1: -.infinity
        case 2: Float(bitPattern: 0xffc0_1234)
        case 3: -0.0
        case 4: 0
        case 5: Float.leastNonzeroMagnitude
        case 6: -Float.greatestFiniteMagnitude
        case 7: Float.greatestFiniteMagnitude
        case 8: Float(bitPattern: UInt32(truncatingIfNeeded: next()))
        default: Float(int(-1000...1000))
        }
    }
}
