/// How a network is trained; part of a recipe.
public struct Plan: Codable, Sendable, Equatable {
    public var epochs = 30
    public var batch = 64
    /// Examples that make an epoch.
    public var examples = 20000
    public var optimiser = Optimiser.Kind.adamw
    /// The highest learning rate.
    public var rate: Float = 2e-3
    public var schedule = Schedule.cosine
    public var decay: Float = 1e-2
    public var momentum: Float = 0.9
    /// Longest gradient; 0: any.
    public var clip: Float = 5
    /// Label smoothing.
    public var smoothing: Float = 0.1
    /// Of the moving average of weights that is kept; 0: the last weights.
    public var average: Float = 0.998
    /// The teacher's part of the loss, 0…1, where there is one, and the temperature of both.
    public var teaching: Float = 0.5
    public var temperature: Float = 2
    /// Weight of the alignment with the teacher's features.
    public var alignment: Float = 0
    public var seed: UInt64 = 1

    public init() {}
}
