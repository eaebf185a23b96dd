import CLinux
import ModelFormat
import Support

/// How far a quantised graph's activations are from those of the float graph that it came from.
public final class Comparison {
    /// One operator's output.
    public struct Layer: Sendable {
        public var operation: String
        public var tensor: String
        public var type: ElementType
        /// What the float graph's output took.
        public var range: Range
        var signal = 0.0
        var noise = 0.0
        /// Signal to quantisation noise, in dB.
        public var sqnr: Double { noise == 0 ? .infinity : 10 * log10(signal / noise) }
    }

    private let float: Runner
    private let quantized: Runner
    public private(set) var layers: [Layer] = []
    private var isFirst = true
    public private(set) var samples = 0
    /// Inferences in which the largest element of the first output is the same in both.
    public private(set) var sameLargest = 0
    private let outputIndex: Int?

    /// Tensors are matched by their names.
    /// Throws `Failure` for a graph that our interpreter refuses.
    public init(_ float: Graph, _ quantized: Graph) throws(Failure) {
        var here: [String: Int] = [:]
        for t in quantized.operators.flatMap(\.outputs) { here[quantized.tensors[t].name] = t }
        let producers = float.producers()
        let pairs = float.computedReals.compactMap { t in here[float.tensors[t].name].map { (t, $0) } }
        var a = float, b = quantized
        a.outputs = pairs.map(\.0)
        b.outputs = pairs.map(\.1)
        (a.signatures, b.signatures) = ([], [])
        outputIndex = pairs.firstIndex { $0.0 == float.outputs.first }
        self.float = try Runner(a)
        self.quantized = try Runner(b)
        layers = pairs.map { t, q in
            Layer(operation: float.operators[producers[t]].code.name, tensor: float.tensors[t].name, type: quantized.tensors[q].type, range: Range(0, 0))
        }
    }

    public func reset() {
        float.reset()
        quantized.reset()
    }

    /// One inference of both: elements of each input.
    public func compare(_ inputs: [[Float]]) {
        float.invoke(inputs)
        quantized.invoke(inputs)
        for i in layers.indices {
            let x = float.output(i), y = quantized.output(i)
            guard let first = x.first else { continue }
            var range = isFirst ? Range(first, first) : layers[i].range
            var signal = 0.0, noise = 0.0
            for (x, y) in zip(x, y) {
                range = Range(min(range.min, x), max(range.max, x))
                signal += Double(x) * Double(x)
                noise += Double(x - y) * Double(x - y)
            }
            layers[i].range = range
            layers[i].signal += signal
            layers[i].noise += noise
            if i == outputIndex, x.firstIndex(of: x.max()!) == y.firstIndex(of: y.max()!) { sameLargest += 1 }
        }
        isFirst = false
        samples += 1
    }

    /// Signal to noise of the first output, in dB.
    public var outputSQNR: Double { outputIndex.map { layers[$0].sqnr } ?? .nan }
}
