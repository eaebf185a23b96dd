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
        if let gradient { t_accumulate(count, part.base, gradient.base) } else { gradient = part }
    }

    public func clearGradient() { gradient = nil }
}
