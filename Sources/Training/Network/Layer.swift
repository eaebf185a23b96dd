/// What a node of a network computes. Images are [time, frequency, channels], behind the batch.
public enum Layer: Codable, Sendable, Equatable {
    case input(shape: [Int])
    /// Weights [filters, kernel time, kernel frequency, channels].
    case convolution(filters: Int, window: WindowShape, bias: Bool, activation: Activation)
    /// One filter a channel; weights [kernel time, kernel frequency, channels].
    case depthwise(window: WindowShape, bias: Bool, activation: Activation)
    /// Over the channels of every position; weights [units, channels].
    case dense(units: Int, bias: Bool, activation: Activation)
    /// With more than one band: sub-spectral.
    case batchNorm(bands: Int, activation: Activation)
    case layerNorm
    case activation(Activation)
    case dropout(rate: Float)
    case averagePool(WindowShape)
    case maxPool(WindowShape)
    /// Mean over time and frequency, or one of them; the axis stays, with length 1.
    case mean(time: Bool, frequency: Bool)
    /// The second input is repeated along axes where it has length 1.
    case add(activation: Activation)
    /// Along the channels.
    case concatenate
    case channels(from: Int, count: Int)
    /// Of time.
    case frames(from: Int, count: Int)
    case reshape([Int])
    /// Of queries, keys and values side by side.
    case attention(heads: Int)
    /// A learnt row before the first.
    case classToken
    /// A learnt vector for each position is added.
    case positions
    /// The first row alone.
    case first
    /// What int8 makes of it: quantisation-aware training.
    case fakeQuantise(learnt: Bool)
}

/// A layer in its network: what it is called and whose outputs it takes (indices of earlier nodes).
public struct Node: Codable, Sendable, Equatable {
    public var name: String
    public var layer: Layer
    public var inputs: [Int]
    /// Weights are seen through integers of so many bits: quantisation-aware training.
    public var weightBits: Int?

    public init(_ name: String, _ layer: Layer, _ inputs: [Int], weightBits: Int? = nil) {
        self.name = name
        self.layer = layer
        self.inputs = inputs
        self.weightBits = weightBits
    }
}
