import Foundation

/// SplitMix64 (Steele, Lea and Flood 2014): small, seedable, the same everywhere.
public struct RandomGenerator: RandomNumberGenerator, Sendable {
    public var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// 0 ≤ x < 1
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Mean 0, variance 1 (Box and Muller 1958).
    public mutating func normal() -> Float {
        let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(uniform())))
    }
}
