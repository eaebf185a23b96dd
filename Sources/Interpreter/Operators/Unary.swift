import CKernels
import ModelFormat
import Support

/// LOGISTIC, TANH, RELU, RELU6, LEAKY_RELU, HARD_SWISH: y = f(x). On 8-bit tensors a table of 256:
/// y = clamp(round_half_even(f((x − zero) · scale) / output scale) + output zero), computed in double.
extension OperatorDefinition {
    static let logistic = unary(14, "f32_logistic", k_f32_logistic) { x, _ in sigmoid(x) }
    static let tanh = unary(28, "f32_tanh", k_f32_tanh) { x, _ in 2 * sigmoid(2 * x) - 1 }
    static let relu = unary(19, "f32_relu", k_f32_relu) { x, _ in max(x, 0) }
    static let relu6 = unary(21, "f32_relu6", k_f32_relu6) { x, _ in min(max(x, 0), 6) }
    static let leakyRelu = unary(98, "f32_leaky_relu", k_f32_leaky_relu) { x, slope in x < 0 ? x * slope : x }
    static let hardSwish = unary(117, "f32_hard_swish", k_f32_hard_swish) { x, _ in x * min(max(x + 3, 0), 6) / 6 }

    private static func unary(
        _ code: Int32, _ name: StaticString, _ float32: k_function, _ f: @escaping @Sendable (Double, Double) -> Double
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
                let table = try emitter.lookupTable(from: input, to: output) { f($0, Double(slope)) }
                try emitter.lookUp(node, table, bytes: input.count)
            })
    }
}

/// 1 / (1 + e^−x), the same on every ISA. Beyond ±700 it is 0 or 1 to the last bit.
private func sigmoid(_ x: Double) -> Double { 1 / (1 + k_exp_f64(min(max(-x, -699), 699))) }

extension Emitter {
    /// y = f(x) for every x of an 8-bit tensor, in the quantisations of `input` and `output`.
    mutating func lookupTable(
        from input: Tensor, to output: Tensor, _ f: (Double) -> Double
    ) throws(Failure) -> UnsafePointer<UInt8> {
        let table = try table(256, of: UInt8.self)
        let low: Double = output.type == .int8 ? -128 : 0
        for byte in 0..<256 {
            let x = input.type == .int8 ? Int(Int8(truncatingIfNeeded: byte)) : byte
            let real = f(Double(x - input.quantization.zeroPoint) * Double(input.quantization.scale))
            let q = (real / Double(output.quantization.scale)).rounded(.toNearestOrEven) + Double(output.quantization.zeroPoint)
            // A NaN can only come from a damaged file: it becomes the least value.
            let y = q > low ? min(q, low + 255) : low
            table[byte] = UInt8(truncatingIfNeeded: Int(y))
        }
        return UnsafePointer(table)
    }

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
