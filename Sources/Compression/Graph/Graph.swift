import ModelFormat
import Support

/// A network that can be edited, in TFLite's own terms: what is trained or read passes through it on its way to a `.tflite`.
/// A value: a copy is a variant.
public struct Graph: Sendable {
    /// What is computed, and constants. Operators, `inputs` and `outputs` name tensors by their index here.
    public var tensors: [Tensor] = []
    /// In the order in which they run.
    public var operators: [Operator] = []
    public var inputs: [Int] = []
    public var outputs: [Int] = []
    public var name = "main"
    /// Further graphs of the model: number n of CALL_ONCE is `called[n − 1]`. They have none of their own.
    public var called: [Graph] = []
    public var description = "katydid-forge"
    /// Metadata of the model: names and bytes.
    public var metadata: [(name: String, bytes: [UInt8])] = []
    public var signatures: [Signature] = []

    public init() {}

    /// An activation, or a constant if it has `data`.
    public struct Tensor: Sendable {
        public var name: String
        /// Outermost dimension first.
        public var shape: [Int]
        public var type: ElementType
        /// Elements in row-major order, little-endian; nil for what is computed.
        public var data: [UInt8]?
        public var quantization: Quantization?
        public var isVariable = false

        public init(_ name: String, _ shape: [Int], _ type: ElementType = .float32, data: [UInt8]? = nil, quantization: Quantization? = nil) {
            self.name = name
            self.shape = shape
            self.type = type
            self.data = data
            self.quantization = quantization
        }

        /// Elements: the product of `shape`.
        public var count: Int { shape.reduce(1, *) }

        /// The constant's elements, whose type must be `T`'s.
        public func values<T: BitwiseCopyable>(as type: T.Type) -> [T] {
            guard let data else { return [] }
            return data.withUnsafeBytes { bytes in
                (0..<bytes.count / MemoryLayout<T>.size).map { bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: type) }
            }
        }

        public mutating func set<T: BitwiseCopyable>(_ values: [T]) { data = Graph.bytes(values) }
    }

    /// real = scale · (q − zero point): one pair for the tensor, or one per index of dimension `axis`.
    public struct Quantization: Sendable, Equatable {
        public var scales: [Float]
        public var zeroPoints: [Int]
        public var axis: Int

        public init(scales: [Float], zeroPoints: [Int], axis: Int = 0) {
            self.scales = scales
            self.zeroPoints = zeroPoints
            self.axis = axis
        }

        public init(scale: Float, zeroPoint: Int) { self.init(scales: [scale], zeroPoints: [zeroPoint]) }
    }

    public struct Operator: Sendable {
        public var code: Code
        /// The name of a custom operator.
        public var customName: [UInt8] = []
        /// The operator's version in the file; writing raises it to what types and options need.
        public var version = 1
        /// Tensors; −1 for an optional input that is left out.
        public var inputs: [Int]
        public var outputs: [Int]
        /// Fields of its options by their names in the schema; absent ones have their defaults.
        public var options: [String: Option]
        /// A custom operator's options, whatever they mean.
        public var customOptions: [UInt8] = []

        public init(_ code: Code, _ inputs: [Int], _ outputs: [Int], _ options: [String: Option] = [:]) {
            self.code = code
            self.inputs = inputs
            self.outputs = outputs
            self.options = options
        }

        /// A field that is a number, an enumeration or a flag.
        public func integer(_ name: String) -> Int {
            guard case .integer(let value)? = options[name] else { return OptionsLayout.of(code)?.missing(name) ?? 0 }
            return value
        }

        public var activation: Activation {
            get { Activation(rawValue: integer("fused_activation_function")) ?? .none }
            set { options["fused_activation_function"] = .integer(newValue.rawValue) }
        }
    }

    public enum Option: Sendable, Equatable {
        case integer(Int)
        case real(Float)
        case text([UInt8])
        case integers([Int])
    }

    /// How callers that know the model by names find its ends.
    public struct Signature: Sendable {
        public var key: String
        public var graph: Int
        public var inputs: [(name: String, tensor: Int)]
        public var outputs: [(name: String, tensor: Int)]

        public init(key: String, graph: Int, inputs: [(name: String, tensor: Int)], outputs: [(name: String, tensor: Int)]) {
            self.key = key
            self.graph = graph
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    /// The schema's ActivationFunctionType.
    public enum Activation: Int, Sendable { case none = 0, relu, reluN1To1, relu6, tanh, signBit }

    /// The schema's Padding.
    public enum Padding: Int, Sendable { case same = 0, valid }

    static func bytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { [UInt8]($0) } }

    /// Operators that read each tensor, in order, a reader twice where it reads twice.
    public func readers() -> [[Int]] {
        var readers = [[Int]](repeating: [], count: tensors.count)
        for (i, op) in operators.enumerated() { for t in op.inputs where t >= 0 { readers[t].append(i) } }
        return readers
    }

    /// The operator that computes each tensor; −1 for inputs and constants.
    public func producers() -> [Int] {
        var producers = [Int](repeating: -1, count: tensors.count)
        for (i, op) in operators.enumerated() { for t in op.outputs { producers[t] = i } }
        return producers
    }
}
