import CTraining

/// What follows a layer, element by element.
public enum Activation: String, Codable, Sendable {
    case linear, relu, relu6, hardSwish, gelu, sigmoid, tanh, swish

    var kernel: t_activation {
        switch self {
        case .linear: T_LINEAR
        case .relu: T_RELU
        case .relu6: T_RELU6
        case .hardSwish: T_HARD_SWISH
        case .gelu: T_GELU
        case .sigmoid: T_SIGMOID
        case .tanh: T_TANH
        case .swish: T_SWISH
        }
    }

    /// Whether its slope is known from its output, so that it can be one with what stands before it.
    var isClamp: Bool { self == .linear || self == .relu || self == .relu6 }

    /// Makes the gradient of its output that of its input.
    func flowBack(_ x: Tensor, _ y: Tensor, _ gradient: Tensor) {
        Parallel.split(x.count) { _, range in
            let at = range.lowerBound
            t_activation_gradient(kernel, range.count, x.base + at, y.base + at, gradient.base + at)
        }
    }
}

extension Tape {
    public func activate(_ x: Variable, _ activation: Activation) -> Variable {
        if activation == .linear { return x }
        let y = Tensor(x.shape)
        Parallel.split(x.count) { _, range in
            t_activate(activation.kernel, range.count, x.base + range.lowerBound, y.base + range.lowerBound)
        }
        return result(y, of: [x], overwrites: true) { slope in
            activation.flowBack(x.value, y, slope)
            x.accumulate(slope)
        }
    }
}
