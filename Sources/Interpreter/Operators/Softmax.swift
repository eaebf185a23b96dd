import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// [..., C] → e^(beta·x) / Σ over the last dimension
    static let softmax = OperatorDefinition(
        code: 25,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0), output = try node.output()
            try node.expect(input.shape)
            guard let columns = input.shape.last, columns > 0 else { throw node.damaged("input is empty") }
            switch (input.type, output.type) {
            case (.int8, .int8):
                _ = try node.quantization(input)
                _ = try node.quantization(output)
            case (.float32, .float32): break
            default: throw node.unsupported("int8, float32")
            }
            layout.inPlace = 0
            layout.macs = UInt64(input.count)
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0), output = try node.output()
            let columns = input.shape.last!
            let beta = try node.op.real(0, 0)
            var block = k_softmax()
            block.input = UnsafeRawPointer(try emitter.input(node, 0))
            block.output = try emitter.output(node)
            block.columns = Int32(columns)
            block.rows = Int32(input.count / columns)
            block.beta = beta
            guard input.type == .int8 else {
                try emitter.call(node, "f32_softmax", k_f32_softmax, block)
                return
            }
            let table = try emitter.table(256, of: Float.self)
            for d in 0..<256 { table[d] = k_expf(-beta * input.quantization.scale * Float(d)) }
            block.table = UnsafePointer(table)
            block.output_scale = output.quantization.scale
            block.output_zero = Int32(output.quantization.zeroPoint)
            try emitter.call(node, "s8_softmax", k_s8_softmax, block)
        })
}
