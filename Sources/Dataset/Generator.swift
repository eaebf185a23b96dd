/// SplitMix64 (Steele, Lea and Flood 2014): a stream of its own for every (seed, epoch, example), so that threads
/// may make examples in any order.
public struct Generator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(_ seed: UInt64, _ epoch: Int = 0, _ index: Int = 0) {
        state = seed
        state = next() ^ UInt64(truncatingIfNeeded: epoch) &* 0xD1B5_4A32_D192_ED03
        state = next() ^ UInt64(truncatingIfNeeded: index) &* 0x8CB9_2BA7_2F3D_8DD7
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// 0..<1
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    public mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

    /// 0..<count
    public mutating func index(_ count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

    public mutating func chance(_ probability: Double) -> Bool { unit() < probability }
}
