import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// input, paddings [rank,2] (constant) → the input with zeros (8-bit: the zero point) around it
    static let pad = OperatorDefinition(
        code: 34,
        layout: { node, _ throws(Failure) in
            let input = try node.input(0), output = try node.output()
            try node.expectSameType(input, output)
            guard !node.differs(input, output) else { throw node.refuse("input and output are quantised differently", "export the model again") }
            let paddings = try node.integers(1)
            guard paddings.count == 2 * input.shape.count else { throw node.damaged("\(paddings.count) paddings") }
            var shape = input.shape
            for i in 0..<shape.count {
                guard (0...(1 << 24)).contains(paddings[2 * i]), (0...(1 << 24)).contains(paddings[2 * i + 1]) else {
                    throw node.damaged("padding of dimension \(i)")
                }
                shape[i] += paddings[2 * i] + paddings[2 * i + 1]
            }
            try node.expect(shape)
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0), output = try node.output()
            let paddings = try node.integers(1)
            let strides = denseStrides(output.shape)
            let size = output.type.bytes(1)
            var fill = k_fill()
            fill.dst = try emitter.output(node).assumingMemoryBound(to: UInt8.self)
            // Zero is all bits zero in every type but the quantised ones.
            let isByte = output.type == .int8 || output.type == .uint8
            fill.value.0 = isByte ? UInt8(truncatingIfNeeded: output.quantization.zeroPoint) : 0
            fill.size = 1
            fill.elements = output.byteCount
            try emitter.call(node, "fill", k_fill_run, fill)
            var offset = 0
            for i in 0..<strides.count { offset += paddings[2 * i] * strides[i] }
            try emitter.copy(
                node, from: try emitter.input(node, 0), denseStrides(input.shape),
                to: try emitter.output(node) + offset * size, strides, counts: input.shape, size: size)
        })
}
