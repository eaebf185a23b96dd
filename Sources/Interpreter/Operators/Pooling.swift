import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// [N,H,W,C] → [N,H',W',C]
    static let averagePool2D = OperatorDefinition(code: 1, layout: poolLayout, emit: { node, emitter throws(Failure) in
        try emitPool(node, &emitter, int8: ("s8_average_pool", k_s8_average_pool), float32: ("f32_average_pool", k_f32_average_pool))
    })

    /// [N,H,W,C] → [N,H',W',C]
    static let maxPool2D = OperatorDefinition(code: 17, layout: poolLayout, emit: { node, emitter throws(Failure) in
        try emitPool(node, &emitter, int8: ("s8_max_pool", k_s8_max_pool), float32: ("f32_max_pool", k_f32_max_pool))
    })

    private static func windows(_ node: Node) throws(Failure) -> (vertical: Window, horizontal: Window) {
        let input = try node.input(0)
        guard input.shape.count == 4 else { throw node.refuse("input has \(input.shape.count) dimensions", "4 are supported") }
        let padding = try node.op.choice(0)
        return (
            try Window(node, input.shape[1], try node.op.option(4), try node.op.option(2), 1, padding),
            try Window(node, input.shape[2], try node.op.option(3), try node.op.option(1), 1, padding)
        )
    }

    private static func poolLayout(_ node: Node, _ layout: inout Layout) throws(Failure) {
        let input = try node.input(0), output = try node.output()
        let (vertical, horizontal) = try windows(node)
        try node.expect([input.shape[0], vertical.output, horizontal.output, input.shape[3]])
        _ = try Activation(try node.op.choice(5), node)
        switch (input.type, output.type) {
        case (.int8, .int8):
            let a = try node.quantization(input), b = try node.quantization(output)
            guard a.scale == b.scale, a.zeroPoint == b.zeroPoint else {
                throw node.refuse("input and output are quantised differently", "export the model again")
            }
        case (.float32, .float32): break
        default: throw node.unsupported("int8, float32")
        }
        let taps = UInt64(try node.op.option(4)) * UInt64(try node.op.option(3))
        layout.macs = UInt64(output.count).multipliedReportingOverflow(by: taps).partialValue
    }

    private static func emitPool(
        _ node: Node, _ emitter: inout Emitter, int8: (StaticString, k_function), float32: (StaticString, k_function)
    ) throws(Failure) {
        let input = try node.input(0), output = try node.output()
        let (vertical, horizontal) = try windows(node)
        let activation = try Activation(try node.op.choice(5), node)
        var block = k_pool()
        block.input = UnsafeRawPointer(try emitter.input(node, 0))
        block.output = try emitter.output(node)
        block.batches = Int32(input.shape[0])
        block.input_height = Int32(input.shape[1])
        block.input_width = Int32(input.shape[2])
        block.channels = Int32(input.shape[3])
        block.output_height = Int32(vertical.output)
        block.output_width = Int32(horizontal.output)
        block.kernel_height = Int32(try node.op.option(4))
        block.kernel_width = Int32(try node.op.option(3))
        block.stride_height = Int32(try node.op.option(2))
        block.stride_width = Int32(try node.op.option(1))
        block.pad_top = Int32(vertical.padding)
        block.pad_left = Int32(horizontal.padding)
        if input.type == .int8 {
            let range = activation.int8Range(output.quantization)
            block.output_min = range.low
            block.output_max = range.high
            try emitter.call(node, int8.0, int8.1, block)
        } else {
            block.float_min = activation.range.low
            block.float_max = activation.range.high
            try emitter.call(node, float32.0, float32.1, block)
        }
    }
}
