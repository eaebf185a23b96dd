import ModelFormat
import Support

/// An operator that we can run. To add one, write a file in Operators/ that defines it, and name it in
/// `OperatorDefinition.all`.
struct OperatorDefinition: Sendable {
    /// The number of the schema's BuiltinOperator.
    let code: Int32
    /// How many outputs it has; nil: as many as the file says.
    var outputs: Int? = 1
    /// Checks everything that can be wrong, and says what memory it needs.
    let layout: @Sendable (Node, inout Layout) throws(Failure) -> Void
    /// Decides kernels and parameters, packs weights, adds the calls.
    let emit: @Sendable (Node, inout Emitter) throws(Failure) -> Void

    static let all: [OperatorDefinition] = [
        add, averagePool2D, concatenation, conv2D, depthwiseConv2D, dequantize, fullyConnected, logistic, maxPool2D,
        mul, relu, relu6, reshape, softmax, tanh, pad, gather, transpose, mean, sub, squeeze, stridedSlice, split,
        cast, maximum, minimum, slice, expandDims, pack, unpack, leakyRelu, splitV, quantize, hardSwish,
        callOnce, varHandle, readVariable, assignVariable,
    ] + transformers

    // What a board's program leaves out unless it is built with TRANSFORMERS=1: operators that only networks with
    // attention have, products of computed matrices, and kernels that take eight floats at a time.
    #if TRANSFORMERS
    private static let transformers: [OperatorDefinition] = [
        batchMatMul, div, squaredDifference, pow, sum, exp, log, sqrt, rsqrt, square, abs, neg, gelu,
    ]
    #else
    private static var transformers: [OperatorDefinition] { [] }

    /// Whether `transformers` would hold it.
    static func isLeftOut(_ code: Int32) -> Bool {
        switch code {
        case 42, 47, 59, 73, 74, 75, 76, 78, 92, 99, 101, 126, 150: true
        default: false
        }
    }
    #endif

    static func find(_ code: Int32) -> OperatorDefinition? {
        for definition in all where definition.code == code { return definition }
        return nil
    }
}
