import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// float32 → int8, uint8 or int16; or one 8-bit quantisation → another
    static let quantize = OperatorDefinition(
        code: 114,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0), output = try node.output()
            try node.expect(input.shape)
            switch (input.type, output.type) {
            case (.float32, .int8), (.float32, .uint8), (.float32, .int16): break
            case (.int8, .int8), (.int8, .uint8), (.uint8, .int8), (.uint8, .uint8):
                _ = try node.quantization(input)
                layout.inPlace = 0
            default: throw node.unsupported("float32 to int8, uint8, int16; int8 or uint8 to int8 or uint8")
            }
            _ = try node.quantization(output)
            layout.rowWindow = .init()
            layout.macs = UInt64(input.count)
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0), output = try node.output()
            guard input.type == .float32 else {
                let table = try emitter.requantizeTable(from: input, to: output)
                try emitter.lookUp(node, table, bytes: input.count)
                return
            }
            let block = try conversion(node, &emitter, of: output)
            switch output.type {
            case .int8: try emitter.call(node, "quantize_s8", k_quantize_s8, block)
            case .uint8: try emitter.call(node, "quantize_u8", k_quantize_u8, block)
            default: try emitter.call(node, "quantize_s16", k_quantize_s16, block)
            }
        })

    /// int8 (also per channel), uint8, int16 or float16 → float32
    static let dequantize = OperatorDefinition(
        code: 6,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0), output = try node.output()
            try node.expect(input.shape)
            switch (input.type, output.type) {
            case (.int8, .float32): _ = try node.quantization(input, perChannel: true)
            case (.uint8, .float32), (.int16, .float32): _ = try node.quantization(input)
            case (.float16, .float32): break
            default: throw node.unsupported("int8, uint8, int16 or float16 to float32")
            }
            layout.macs = UInt64(input.count)
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0)
            let block = try conversion(node, &emitter, of: input)
            switch input.type {
            case .int8: try emitter.call(node, "dequantize_s8", k_dequantize_s8, block)
            case .uint8: try emitter.call(node, "dequantize_u8", k_dequantize_u8, block)
            case .int16: try emitter.call(node, "dequantize_s16", k_dequantize_s16, block)
            default: try emitter.call(node, "dequantize_f16", k_dequantize_f16, block)
            }
        })

    /// Input and output of a conversion by the quantisation of `tensor`.
    private static func conversion(_ node: Node, _ emitter: inout Emitter, of tensor: Tensor) throws(Failure) -> k_convert {
        let q = tensor.quantization
        let channels = max(q.scales.count, 1)
        let scales = try emitter.table(channels, of: Float.self)
        let zeros = try emitter.table(channels, of: Int32.self)
        for c in 0..<q.scales.count {
            scales[c] = q.scales[c]
            zeros[c] = c < q.zeroPoints.count ? Int32(q.zeroPoints[c]) : 0
        }
        var block = k_convert()
        block.x = UnsafeRawPointer(try emitter.input(node, 0))
        block.y = try emitter.output(node)
        block.count = tensor.count
        block.channels = Int32(channels)
        block.inner = q.isPerChannel ? product(tensor.shape[(q.axis + 1)...]) : 1
        block.scale = UnsafePointer(scales)
        block.zero = UnsafePointer(zeros)
        return block
    }
}
