import CTraining

/// A tensor that a tape computes with, and the slope of the loss with respect to it.
public final class Variable {
    public let value: Tensor
    /// As `value`; nil until something has flowed back.
    public internal(set) var gradient: Tensor?
    public let needsGradient: Bool

    public init(_ value: Tensor, needsGradient: Bool = false) {
        self.value = value
        self.needsGradient = needsGradient
    }

    public var shape: [Int] { value.shape }
    var count: Int { value.count }
    var base: UnsafeMutablePointer<Float> { value.base }

    /// Adds what `write` writes (all elements) to the gradient.
    func accumulate(_ write: (UnsafeMutablePointer<Float>) -> Void) {
        guard needsGradient else { return }
        let part = Tensor(value.shape)
        write(part.base)
        accumulate(part)
    }

    /// Adds a tensor to the gradient. It may become the gradient, of several variables even: who changes one in place
    /// has to be alone with it.
    func accumulate(_ part: Tensor) {
        guard needsGradient else { return }
        if gradient == nil {
            gradient = part
        } else if isKnownUniquelyReferenced(&gradient) {
            let sum = gradient!.base
            Parallel.split(count) { _, range in t_accumulate(range.count, part.base + range.lowerBound, sum + range.lowerBound) }
        } else {
            gradient = gradient! + part
        }
    }

    public func clearGradient() { gradient = nil }
}
