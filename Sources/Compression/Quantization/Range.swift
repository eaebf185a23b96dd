import ModelFormat

/// The reals that an activation takes.
public struct Range: Sendable, Equatable {
    public var min: Float
    public var max: Float

    public init(_ min: Float, _ max: Float) {
        self.min = min
        self.max = max
    }

    func union(_ other: Range) -> Range { Range(Swift.min(min, other.min), Swift.max(max, other.max)) }
}

extension Graph.Quantization {
    /// int8 for `range`, widened to hold 0, which is exact then: padding is zeros.
    /// scale = (max − min) / 255, zero point = round(−128 − min / scale), halves away from 0, in float32:
    /// as training's fake quantisation has it.
    public init(int8 range: Range) {
        let low = Swift.min(range.min, 0), high = Swift.max(range.max, 0)
        // What is always zero has no range of its own; any scale would do.
        let scale = Swift.max((high - low) / 255, 1e-8)
        let zero = (-128 - low / scale).rounded()
        self.init(scale: scale, zeroPoint: Int(Swift.min(Swift.max(zero, -128), 127)))
    }

    /// The reals that int8 stands for.
    var int8Range: Range { Range(Float(-128 - zeroPoints[0]) * scales[0], Float(127 - zeroPoints[0]) * scales[0]) }

    /// round(x / scale) + zero point, halves to even, clamped to int8.
    func int8(_ x: Float) -> Int8 {
        Int8(Swift.min(Swift.max((x / scales[0]).rounded(.toNearestOrEven) + Float(zeroPoints[0]), -128), 127))
    }
}
