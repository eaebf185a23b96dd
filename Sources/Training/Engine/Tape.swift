import CTraining

/// What was computed, in order, so that gradients can flow back through it: reverse-mode differentiation
/// (Griewank and Walther, "Evaluating Derivatives", 2008).
///
/// Operations are methods in Operations/ and Losses/: each computes its value at once and, where something before it
/// needs a gradient, leaves a step that adds to the gradients of its inputs from that of its output.
public final class Tape {
    /// Batch statistics are taken and dropout drops; otherwise what was learnt is used.
    public let isTraining: Bool
    let records: Bool
    var random: RandomGenerator
    private var steps: [() -> Void] = []

    /// `records`: gradients are wanted. `seed`: of dropout.
    public init(training: Bool, records: Bool? = nil, seed: UInt64 = 0) {
        isTraining = training
        self.records = records ?? training
        random = RandomGenerator(seed: seed)
        _ = BLAS.isSingleThreaded
    }

    /// The result of an operation on `inputs`, `value`, behind an activation; `back` gets the gradient of `value`, and may change
    /// it where it `overwrites`.
    func result(
        _ value: Tensor, of inputs: [Variable], _ activation: Activation = .linear, overwrites: Bool = false,
        _ back: @escaping (_ gradient: Tensor) -> Void
    ) -> Variable {
        guard activation.isClamp else { return activate(result(value, of: inputs, overwrites: overwrites, back), activation) }
        if activation != .linear {
            Parallel.split(value.count) { _, range in t_clamp(activation.kernel, range.count, value.base + range.lowerBound) }
        }
        let wanted = records && inputs.contains { $0.needsGradient }
        let result = Variable(value, needsGradient: wanted)
        if wanted {
            steps.append {
                guard var gradient = result.gradient else { return }
                result.gradient = nil
                if overwrites || activation != .linear, !isKnownUniquelyReferenced(&gradient) { gradient = gradient.copy() }
                if activation != .linear { activation.flowBack(value, value, gradient) }
                back(gradient)
            }
        }
        return result
    }

    /// Sends the slope 1 of a loss of one element back through everything, and forgets what was computed.
    public func backward(_ loss: Variable) {
        precondition(loss.count == 1, "a loss has one element")
        loss.gradient = Tensor([1], repeating: 1)
        while let step = steps.popLast() { step() }
    }
}
