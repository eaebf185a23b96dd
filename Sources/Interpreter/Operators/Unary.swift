import CKernels
import ModelFormat
import Support

/// LOGISTIC, TANH, RELU, RELU6, LEAKY_RELU, HARD_SWISH: y = f(x). On 8-bit tensors a table of 256:
/// y = clamp(round_half_even(f((x − zero) · scale) / output scale) + output zero), computed in double;
/// the piecewise linear ones by integers, as LiteRT and XNNPACK do (ByteTables.swift).
extension OperatorDefinition {
    /// A function as the table of an 8-bit tensor; the last argument is LEAKY_RELU's slope.
    private typealias Table = @Sendable (inout Emitter, Tensor, Tensor, Float) throws(Failure) -> UnsafePointer<UInt8>

    static let logistic = unary(14, "f32_logistic", k_f32_logistic) { e, x, y, _ throws(Failure) in
        try e.lookupTable(from: x, to: y) { sigmoid($0) }
    }
    static let tanh = unary(28, "f32_tanh", k_f32_tanh) { e, x, y, _ throws(Failure) in
        try e.lookupTable(from: x, to: y) { 2 * sigmoid(2 * $0) - 1 }
    }
    static let relu = unary(19, "f32_relu", k_f32_relu) { e, x, y, _ throws(Failure) in
        try e.rectifierTable(from: x, to: y, limit: .infinity)
    }
    static let relu6 = unary(21, "f32_relu6", k_f32_relu6) { e, x, y, _ throws(Failure) in
        try e.rectifierTable(from: x, to: y, limit: 6)
    }
    static let leakyRelu = unary(98, "f32_leaky_relu", k_f32_leaky_relu) { e, x, y, slope throws(Failure) in
        try e.leakyTable(from: x, to: y, slope: slope)
    }
    static let hardSwish = unary(117, "f32_hard_swish", k_f32_hard_swish) { e, x, y, _ throws(Failure) in
        try e.hardSwishTable(from: x, to: y)
    }

    private static func unary(
        _ code: Int32, _ name: StaticString, _ float32: k_function, _ table: @escaping Table
    ) -> OperatorDefinition {
        OperatorDefinition(
            code: code,
            layout: { node, layout throws(Failure) in
                let input = try node.input(0), output = try node.output()
                try node.expect(input.shape)
                switch (input.type, output.type) {
                case (.int8, .int8), (.uint8, .uint8):
                    _ = try node.quantization(input)
                    _ = try node.quantization(output)
                case (.float32, .float32): break
                default: throw node.unsupported("int8, uint8, float32")
                }
                layout.inPlace = 0
                layout.rowWindow = .init()
                layout.macs = UInt64(input.count)
            },
            emit: { node, emitter throws(Failure) in
                let input = try node.input(0), output = try node.output()
                // alpha is LEAKY_RELU's only option; the others have none.
                let slope = code == 98 ? try node.op.real(0, 0) : 0
                guard input.type != .float32 else {
                    let block = k_unary(
                        x: UnsafePointer(try emitter.input(node, 0).assumingMemoryBound(to: Float.self)),
                        y: try emitter.output(node).assumingMemoryBound(to: Float.self), count: input.count, slope: slope)
                    try emitter.call(node, name, float32, block)
                    return
                }
                let table = try table(&emitter, input, output, slope)
                try emitter.lookUp(node, table, bytes: input.count)
            })
    }
}

/// 1 / (1 + e^−x), the same on every ISA. Beyond ±700 it is 0 or 1 to the last bit.
private func sigmoid(_ x: Double) -> Double { 1 / (1 + k_exp_f64(min(max(-x, -699), 699))) }

extension Emitter {
    /// Adds output 0 = table[input 0], byte by byte.
    mutating func lookUp(_ node: Node, _ table: UnsafePointer<UInt8>, bytes: Int) throws(Failure) {
        var block = k_copy()
        block.src = UnsafePointer(try input(node, 0).assumingMemoryBound(to: UInt8.self))
        block.dst = try output(node).assumingMemoryBound(to: UInt8.self)
        block.lut = table
        block.block = bytes
        try call(node, "u8_lut", k_lut_run, block)
    }
}
