import Support

/// Turns features of the `MicroFrontend` into a model's int8 input.
public struct FeatureQuantizer: Sendable {
    /// A feature as floating-point models see it: 26 is about the loudest.
    public static let featureScale: Float = 0.0390625

    private let scale: Double
    private let zeroPoint: Double
    private let saturates: Bool
    /// Of the features below `usual`, so that a board need not divide forty times a frame.
    private var table = [Int8](repeating: 0, count: usual)

    /// Sound at full scale gives features up to about 700.
    private static let usual = 768

    /// For an input tensor of `scale` and `zeroPoint`. Throws `Failure` for a scale that isn't a number from
    /// 2⁻¹⁶ up, or a zero point outside −128…255.
    ///
    /// Unless it `saturates`, a feature beyond the int8 range wraps around, as it does in `pymicro-wakeword`:
    /// with the usual scale of 0.1 the loudest onsets do, and detections are the same only if ours do too.
    public init(scale: Float, zeroPoint: Int32, saturates: Bool = false) throws(Failure) {
        guard scale >= 0x1p-16 && scale < Float.infinity && (-128...255).contains(zeroPoint) else {
            throw Failure(
                .data, "the model's input", "has an unusable quantisation", "export it with full int8 quantisation")
        }
        self.scale = Double(scale)
        self.zeroPoint = Double(zeroPoint)
        self.saturates = saturates
        for feature in 0..<Self.usual { table[feature] = compute(UInt16(feature)) }
    }

    /// Quantises all of `features` to `output`, which has room for as many.
    public func callAsFunction(_ features: UnsafeBufferPointer<UInt16>, to output: UnsafeMutablePointer<Int8>) {
        guard let from = features.baseAddress else { return }
        table.withUnsafeBufferPointer { table in
            let known = table.baseAddress!
            for i in 0..<features.count {
                let feature = from[i]
                output[i] = Int(feature) < Self.usual ? known[Int(feature)] : compute(feature)
            }
        }
    }

    /// round_half_even(feature·0.0390625/scale + zero_point) in double, as numpy computes it in
    /// `pymicro-wakeword` 2.5.0. A uint8 input takes the same bits: `UInt8(bitPattern:)`, not saturated.
    public func callAsFunction(_ feature: UInt16) -> Int8 {
        Int(feature) < Self.usual ? table[Int(feature)] : compute(feature)
    }

    private func compute(_ feature: UInt16) -> Int8 {
        let value = (Double(feature) * Double(Self.featureScale) / scale + zeroPoint).rounded(.toNearestOrEven)
        return saturates ? Int8(min(127, max(-128, value))) : Int8(truncatingIfNeeded: Int(value))
    }

    /// clamp((feature·256 + 333)/666 − 128), in integers: what ESPHome and micro_speech feed their models.
    public static func espHome(_ feature: UInt16) -> Int8 {
        Int8(min(127, (Int(feature) * 256 + 333) / 666 - 128))
    }
}
