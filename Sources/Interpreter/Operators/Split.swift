import ModelFormat
import Support

extension OperatorDefinition {
    /// axis (constant), input → equal parts
    static let split = parts(49, input: 1) { node throws(Failure) in try node.integers(0) }
    /// input, sizes, axis (constant) → parts of those sizes
    static let splitV = parts(102, input: 0) { node throws(Failure) in try node.integers(2) }

    private static func parts(
        _ code: Int32, input position: Int, axis: @escaping @Sendable (Node) throws(Failure) -> [Int]
    ) -> OperatorDefinition {
        /// The dimension that is cut. The parts' sizes are those of the output tensors.
        @Sendable func cut(_ node: Node) throws(Failure) -> Int {
            guard let a = try axis(node).first else { throw node.damaged("has no axis") }
            return try node.axis(a, rank: try node.input(position).shape.count)
        }
        return OperatorDefinition(
            code: code, outputs: nil,
            layout: { node, layout throws(Failure) in
                let input = try node.input(position)
                let axis = try cut(node)
                var sum = 0, offset = 0
                for i in 0..<node.op.outputs.count {
                    let output = try node.output(i)
                    try node.expectSameType(input, output)
                    guard output.shape.count == input.shape.count else { throw node.damaged("part \(i) has another rank") }
                    var shape = input.shape
                    shape[axis] = output.shape[axis]
                    try node.expect(shape, of: i)
                    sum += shape[axis]
                    if product(shape[..<axis]) == 1 {
                        layout.views.append(Layout.View(output: i, input: position, byteOffset: offset))
                    } else if axis == shape.count - 1 && shape[axis] > 0 {
                        let size = input.type.bytes(1)
                        layout.channelSlices.append(
                            Layout.ChannelSlice(
                                output: i, input: position, byteOffset: (sum - shape[axis]) * size, pixelBytes: shape[axis] * size,
                                pixelStride: input.shape[axis] * size))
                    }
                    offset += output.byteCount
                }
                guard sum == input.shape[axis] else { throw node.damaged("parts don't make the whole") }
            },
            emit: { node, emitter throws(Failure) in
                let input = try node.input(position)
                let axis = try cut(node)
                let strides = denseStrides(input.shape)
                let size = input.type.bytes(1)
                let source = try emitter.input(node, position)
                var begin = 0
                for i in 0..<node.op.outputs.count {
                    let output = try node.output(i)
                    if emitter.pixelStride(node.op.outputs[i]) == 0 {
                        try emitter.copy(
                            node, from: source + begin * strides[axis] * size, strides, to: try emitter.output(node, i),
                            denseStrides(output.shape), counts: output.shape, size: size)
                    }
                    begin += output.shape[axis]
                }
            })
    }
}
