import ModelFormat
import Support

extension OperatorDefinition {
    /// Tensors that differ in one dimension → one behind the other along it
    static let concatenation = OperatorDefinition(
        code: 2,
        layout: { node, layout throws(Failure) in
            let output = try node.output()
            let axis = try node.axis(try node.op.option(0), rank: output.shape.count)
            guard try Activation(try node.op.choice(1), node).isNone else {
                throw node.refuse("fused activation", "export without it")
            }
            var shape = output.shape
            shape[axis] = 0
            var offset = 0
            for i in 0..<node.op.inputs.count {
                let input = try node.input(i)
                try node.expectSameType(input, output)
                guard input.shape.count == shape.count else {
                    throw node.damaged("inputs have different numbers of dimensions")
                }
                for d in 0..<shape.count where d != axis && input.shape[d] != shape[d] {
                    throw node.damaged("input \(i) is \(node.text(input.shape))")
                }
                shape[axis] += input.shape[axis]
                if product(shape[..<axis]) == 1 && !node.differs(input, output) { layout.placements.append((i, offset)) }
                offset += input.byteCount
            }
            try node.expect(shape)
        },
        emit: { node, emitter throws(Failure) in
            let output = try node.output()
            let axis = try node.axis(try node.op.option(0), rank: output.shape.count)
            let strides = denseStrides(output.shape)
            let size = output.type.bytes(1)
            var position = 0
            for i in 0..<node.op.inputs.count {
                let input = try node.input(i)
                let target = try emitter.output(node) + position * strides[axis] * size
                position += input.shape[axis]
                let requantize = node.differs(input, output)
                let source = try emitter.input(node, i)
                if source == target && !requantize { continue }
                let table = requantize ? try emitter.requantizeTable(from: input, to: output) : nil
                try emitter.copy(
                    node, from: source, denseStrides(input.shape), to: target, strides, counts: input.shape, size: size,
                    table: table)
            }
        })
}
