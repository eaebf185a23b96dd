import CTraining

/// The exponential moving average of a network's weights (Polyak and Juditsky 1992), which generalises better than the last.
public final class MovingAverage {
    public let network: Network
    public let keep: Float
    var steps = 0

    /// `average`: a network of the same nodes as the one that is trained.
    public init(_ average: Network, of trained: Network, keep: Float) {
        network = average
        self.keep = keep
        average.copy(trained)
    }

    public func update(_ trained: Network) {
        steps += 1
        // At first the average follows fast: what it began with means nothing.
        let keep = min(keep, Float(1 + steps) / Float(10 + steps))
        for ((_, mine), (_, theirs)) in zip(network.parameters, trained.parameters) {
            t_average(mine.count, keep, theirs.base, mine.base)
        }
        for (name, mine) in network.statistics {
            let theirs = trained.statistics[name]!
            t_average(mine.mean.count, keep, theirs.mean.base, mine.mean.base)
            t_average(mine.variance.count, keep, theirs.variance.base, mine.variance.base)
        }
        for (name, mine) in network.ranges { mine.copy(trained.ranges[name]!) }
    }
}
