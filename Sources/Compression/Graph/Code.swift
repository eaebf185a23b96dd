import ModelFormat

extension Graph {
    /// A number of the schema's BuiltinOperator.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }
        private init(_ value: Int32) { rawValue = value }

        /// As the schema writes it: CONV_2D.
        public var name: String { OperatorCode.name(rawValue) ?? "operator code \(rawValue)" }

        public static let add = Code(0), averagePool2D = Code(1), concatenation = Code(2), conv2D = Code(3), depthwiseConv2D = Code(4)
        public static let dequantize = Code(6), fullyConnected = Code(9), logistic = Code(14), maxPool2D = Code(17), mul = Code(18)
        public static let relu = Code(19), reluN1To1 = Code(20), relu6 = Code(21), reshape = Code(22), softmax = Code(25), tanh = Code(28)
        public static let custom = Code(32), pad = Code(34), gather = Code(36), transpose = Code(39), mean = Code(40), sub = Code(41)
        public static let div = Code(42), squeeze = Code(43), stridedSlice = Code(45), exp = Code(47), split = Code(49), cast = Code(53)
        public static let maximum = Code(55), minimum = Code(57), slice = Code(65), expandDims = Code(70), log = Code(73), sum = Code(74)
        public static let sqrt = Code(75), rsqrt = Code(76), pow = Code(78), pack = Code(83), unpack = Code(88), leakyRelu = Code(98)
        public static let squaredDifference = Code(99), abs = Code(101), splitV = Code(102), quantize = Code(114), hardSwish = Code(117)
        public static let batchMatMul = Code(126), callOnce = Code(129), varHandle = Code(142), readVariable = Code(143)
        public static let assignVariable = Code(144), gelu = Code(150)
    }
}
