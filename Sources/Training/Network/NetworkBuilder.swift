/// Puts nodes behind each other. Every method adds one node, or the few of a usual group, and returns the last one's index.
public struct NetworkBuilder {
    public private(set) var nodes: [Node]
    private var counts: [String: Int] = [:]

    /// `input`: [time, frequency, channels].
    public init(input: [Int]) { nodes = [Node("input", .input(shape: input), [])] }

    public var last: Int { nodes.count - 1 }

    public mutating func add(_ layer: Layer, _ kind: String, to inputs: [Int]? = nil) -> Int {
        counts[kind, default: 0] += 1
        nodes.append(Node("\(kind)\(counts[kind]!)", layer, inputs ?? [last]))
        return last
    }

    /// Convolution, batch normalisation, activation.
    public mutating func convolution(
        _ filters: Int, _ window: WindowShape, _ activation: Activation = .relu, from input: Int? = nil
    ) -> Int {
        let conv = add(.convolution(filters: filters, window: window, bias: false, activation: .linear), "conv", to: input.map { [$0] })
        return normalise(conv, activation)
    }

    /// Depthwise convolution, batch normalisation (in `bands` bands), activation.
    public mutating func depthwise(_ window: WindowShape, _ activation: Activation = .relu, bands: Int = 1, from input: Int? = nil) -> Int {
        let conv = add(.depthwise(window: window, bias: false, activation: .linear), "depthwise", to: input.map { [$0] })
        return normalise(conv, activation, bands: bands)
    }

    public mutating func normalise(_ input: Int, _ activation: Activation, bands: Int = 1) -> Int {
        let norm = add(.batchNorm(bands: bands, activation: activation.isClamp ? activation : .linear), "norm", to: [input])
        return activation.isClamp ? norm : activate(activation, norm)
    }

    public mutating func activate(_ activation: Activation, _ input: Int? = nil) -> Int {
        add(.activation(activation), "activation", to: input.map { [$0] })
    }

    public mutating func dense(_ units: Int, _ activation: Activation = .linear, from input: Int? = nil) -> Int {
        add(.dense(units: units, bias: true, activation: activation), "dense", to: input.map { [$0] })
    }
}
