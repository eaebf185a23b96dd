import CTraining
import Support

/// Moves parameters down their gradients.
public final class Optimiser {
    public enum Kind: String, Codable, Sendable { case sgd, adamw }

    public let kind: Kind
    public var rate: Float
    public var decay: Float
    public var momentum: Float
    /// Gradients longer than this, taken together, are shortened to it; 0: never.
    public var clip: Float
    let parameters: [(name: String, value: Variable)]
    /// Momentum, and for AdamW the mean square, of each parameter.
    public let first: [Tensor]
    public let second: [Tensor]
    public var steps = 0

    public init(
        _ parameters: [(name: String, value: Variable)], kind: Kind = .adamw, rate: Float = 1e-3, decay: Float = 1e-2, momentum: Float = 0.9,
        clip: Float = 0
    ) {
        self.parameters = parameters
        self.kind = kind
        self.rate = rate
        self.decay = decay
        self.momentum = momentum
        self.clip = clip
        first = parameters.map { Tensor($0.value.shape, repeating: 0) }
        second = kind == .adamw ? parameters.map { Tensor($0.value.shape, repeating: 0) } : []
    }

    /// Length of all gradients together.
    public var gradientNorm: Float {
        Float(parameters.reduce(0) { $0 + ($1.value.gradient.map { t_squares($0.count, $0.base) } ?? 0) }.squareRoot())
    }

    /// One step at `factor` of the rate; gradients are cleared. A step whose gradient is not finite is left out: false.
    @discardableResult
    public func step(factor: Float = 1) -> Bool {
        defer { for (_, value) in parameters { value.clearGradient() } }
        let norm = gradientNorm
        guard norm.isFinite else { return false }
        steps += 1
        let shorten = clip > 0 && norm > clip ? clip / norm : 1
        let rate = rate * factor
        for (i, (_, value)) in parameters.enumerated() {
            guard let gradient = value.gradient else { continue }
            // Scales, offsets and biases are left free, as is usual.
            let decay = value.shape.count > 1 ? decay : 0
            switch kind {
            case .sgd: t_sgd(value.count, rate, momentum, decay, shorten, gradient.base, first[i].base, value.base)
            case .adamw:
                let beta2: Float = 0.999
                t_adamw(
                    value.count, rate, momentum, beta2, 1e-8, decay, 1 - power(momentum, steps), 1 - power(beta2, steps), shorten,
                    gradient.base, first[i].base, second[i].base, value.base)
            }
        }
        return true
    }

    private func power(_ x: Float, _ n: Int) -> Float {
        var result = 1.0, base = Double(x), n = n
        while n > 0 {
            if n & 1 == 1 { result *= base }
            base *= base
            n >>= 1
        }
        return Float(result)
    }
}
