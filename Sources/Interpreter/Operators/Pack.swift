import ModelFormat
import Support

extension OperatorDefinition {
    /// n tensors of one shape → one tensor with a new dimension of n
    static let pack = OperatorDefinition(
        code: 83,
        layout: { node, layout throws(Failure) in
            let output = try node.output()
            let axis = try node.axis(try node.op.option(1), rank: output.shape.count)
            var shape = output.shape
            shape.remove(at: axis)
            guard output.shape[axis] == node.op.inputs.count else { throw node.damaged("\(node.op.inputs.count) inputs") }
            var offset = 0
            for i in 0..<node.op.inputs.count {
                let input = try node.input(i)
                try node.expectSameType(input, output)
                guard input.shape == shape, !node.differs(input, output) else {
                    throw node.refuse("input \(i) is \(node.text(input.shape)) or quantised differently", "export the model again")
                }
                if product(shape[..<axis]) == 1 { layout.placements.append((i, offset)) }
                offset += input.byteCount
            }
        },
        emit: { node, emitter throws(Failure) in
            let output = try node.output()
            let axis = try node.axis(try node.op.option(1), rank: output.shape.count)
            var strides = denseStrides(output.shape)
            let size = output.type.bytes(1)
            let step = strides.remove(at: axis) * size
            for i in 0..<node.op.inputs.count {
                let input = try node.input(i)
                try emitter.copy(
                    node, from: try emitter.input(node, i), denseStrides(input.shape),
                    to: try emitter.output(node) + i * step, strides, counts: input.shape, size: size)
            }
        })

    /// A tensor → its n pieces along a dimension, which goes
    static let unpack = OperatorDefinition(
        code: 88, outputs: nil,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0)
            let axis = try node.axis(try node.op.option(1), rank: input.shape.count)
            var shape = input.shape
            guard shape.remove(at: axis) == node.op.outputs.count else { throw node.damaged("\(node.op.outputs.count) outputs") }
            for i in 0..<node.op.outputs.count {
                try node.expectSameType(input, try node.output(i))
                try node.expect(shape, of: i)
                if product(shape[..<axis]) == 1 {
                    layout.views.append(Layout.View(output: i, input: 0, byteOffset: i * (try node.output(i).byteCount)))
                }
            }
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0)
            let axis = try node.axis(try node.op.option(1), rank: input.shape.count)
            var strides = denseStrides(input.shape)
            let size = input.type.bytes(1)
            let step = strides.remove(at: axis) * size
            let source = try emitter.input(node, 0)
            for i in 0..<node.op.outputs.count {
                let output = try node.output(i)
                try emitter.copy(
                    node, from: source + i * step, strides, to: try emitter.output(node, i), denseStrides(output.shape),
                    counts: output.shape, size: size)
            }
        })
}
