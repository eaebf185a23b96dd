import ModelFormat
import Support

/// What the activations of a float graph do on representative inputs.
public final class Calibration {
    /// How a range comes from what was seen.
    public enum Method: String, Sendable, CaseIterable {
        /// Everything fits.
        case minMax = "min-max"
        /// The moving average of each inference's extremes, a hundredth new each time.
        case movingAverage = "moving-average"
        /// Without a hundred-thousandth of the values at either end.
        case percentile
        /// With the least mean square error.
        case mse
    }

    struct Statistics {
        var range: Range?
        var average: Range?
        var histogram = Histogram()
        /// Sum of each element, over all inferences.
        var sums: [Double] = []
    }

    public let graph: Graph
    private let runner: Runner
    /// Tensors of `graph` that the runner's outputs are.
    private let observed: [Int]
    private(set) var statistics: [Int: Statistics] = [:]
    public private(set) var inferences = 0

    /// Throws `Failure` for a graph that our interpreter refuses.
    public init(_ graph: Graph) throws(Failure) {
        self.graph = graph
        observed = graph.computedReals
        var open = graph
        open.outputs = observed
        open.signatures = []
        runner = try Runner(open)
    }

    /// Looks at one inference: elements of each input.
    /// Throws `Failure` for values that are no numbers.
    public func observe(_ inputs: [[Float]]) throws(Failure) {
        runner.invoke(inputs)
        for (t, values) in zip(graph.inputs, inputs) where graph.tensors[t].type == .float32 { try add(values, t) }
        for (i, t) in observed.enumerated() { try add(runner.output(i), t) }
        inferences += 1
    }

    /// Variables begin anew: before a sound that doesn't follow the one before.
    public func reset() { runner.reset() }

    private func add(_ values: [Float], _ tensor: Int) throws(Failure) {
        guard var low = values.first else { return }
        var high = low
        var bad = false
        for x in values {
            low = min(low, x)
            high = max(high, x)
            bad = bad || !x.isFinite
        }
        guard !bad else {
            throw Failure(.data, "tensor \(graph.tensors[tensor].name)", "is not a number on the calibration data", "look for bad samples, or train again")
        }
        let now = Range(low, high)
        // Taken out of the dictionary, so that it is changed in place.
        var s = statistics.removeValue(forKey: tensor) ?? Statistics()
        s.range = s.range?.union(now) ?? now
        s.average = s.average.map { Range($0.min + (low - $0.min) / 100, $0.max + (high - $0.max) / 100) } ?? now
        s.histogram.add(values, largest: max(-low, high))
        if s.sums.isEmpty { s.sums = [Double](repeating: 0, count: values.count) }
        s.sums.withUnsafeMutableBufferPointer { sums in for (i, x) in values.enumerated() { sums[i] += Double(x) } }
        statistics[tensor] = s
    }

    /// The range of every activation, by the tensor's name.
    public func ranges(_ method: Method) -> [String: Range] {
        var ranges: [String: Range] = [:]
        for (t, s) in statistics {
            guard let whole = s.range else { continue }
            ranges[graph.tensors[t].name] =
                switch method {
                case .minMax: whole
                case .movingAverage: s.average ?? whole
                case .percentile: clip(s.histogram.percentile(1e-5), whole)
                case .mse: s.histogram.leastSquares(whole)
                }
        }
        return ranges
    }

    /// A bin may be wider than what fell into it.
    private func clip(_ range: Range, _ whole: Range) -> Range { Range(max(range.min, whole.min), min(range.max, whole.max)) }

    /// The mean of each element of a tensor.
    func means(_ tensor: Int) -> [Double] { statistics[tensor].map { s in s.sums.map { $0 / Double(inferences) } } ?? [] }
}

extension Graph {
    /// Activations of float32 that operators compute.
    var computedReals: [Int] { operators.flatMap(\.outputs).filter { tensors[$0].type == .float32 && tensors[$0].count > 0 } }
}
