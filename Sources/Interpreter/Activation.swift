import ModelFormat
import Support

/// A fused activation, as the range that it clamps its operator's result to.
enum Activation {
    case none, relu, reluN1To1, relu6

    /// `code`: the schema's ActivationFunctionType.
    init(_ code: Int, _ node: Node) throws(Failure) {
        switch code {
        case 0: self = .none
        case 1: self = .relu
        case 2: self = .reluN1To1
        case 3: self = .relu6
        default: throw node.refuse("fused activation \(code)", "only RELU, RELU_N1_TO_1 and RELU6 may be fused")
        }
    }

    var range: (low: Float, high: Float) {
        switch self {
        case .none: (-Float.infinity, Float.infinity)
        case .relu: (0, Float.infinity)
        case .reluN1To1: (-1, 1)
        case .relu6: (0, 6)
        }
    }

    /// The range in int8 of a tensor with that quantisation.
    func int8Range(_ q: Quantization) -> (low: Int32, high: Int32) {
        func quantized(_ x: Float, _ unbounded: Int32) -> Int32 {
            guard x.isFinite else { return unbounded }
            let value = (x / q.scale).rounded(.toNearestOrEven) + Float(q.zeroPoint)
            return Int32(min(max(value, -128), 127))
        }
        return (quantized(range.low, -128), quantized(range.high, 127))
    }
}
