import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// input, indices (int32, int64) → the entries of one dimension that the indices name. Constant
    /// indices outside are refused; those computed at run time are brought to the nearest end.
    static let gather = OperatorDefinition(
        code: 36,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0), indices = try node.input(1)
            try node.expectSameType(input, try node.output())
            guard indices.type == .int32 || indices.type == .int64 else { throw node.unsupported("indices int32, int64") }
            let (axis, batch) = try dimensions(node)
            try node.expect(Array(input.shape[..<axis]) + Array(indices.shape[batch...]) + Array(input.shape[(axis + 1)...]))
            guard input.shape[axis] > 0 || indices.count == 0 else { throw node.damaged("picks from nothing") }
            if node.constants[node.op.inputs[1]] != nil, indices.count <= 64 {
                for i in try node.integers(1) where i < 0 || i >= input.shape[axis] {
                    throw node.damaged("index \(i) of \(input.shape[axis])")
                }
            }
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0), indices = try node.input(1)
            let (axis, batch) = try dimensions(node)
            guard try node.output().count > 0 else { return }
            var block = k_gather()
            block.src = UnsafePointer(try emitter.input(node, 0).assumingMemoryBound(to: UInt8.self))
            block.indices = UnsafeRawPointer(try emitter.input(node, 1))
            block.dst = try emitter.output(node).assumingMemoryBound(to: UInt8.self)
            block.batches = Int32(product(input.shape[..<batch]))
            block.outer = Int32(product(input.shape[batch..<axis]))
            block.limit = Int32(input.shape[axis])
            block.picks = Int32(product(indices.shape[batch...]))
            block.inner = product(input.shape[(axis + 1)...]) * input.type.bytes(1)
            if indices.type == .int32 {
                try emitter.call(node, "gather_s32", k_gather_s32, block)
            } else {
                try emitter.call(node, "gather_s64", k_gather_s64, block)
            }
        })

    private static func dimensions(_ node: Node) throws(Failure) -> (axis: Int, batch: Int) {
        let input = try node.input(0), indices = try node.input(1)
        let axis = try node.axis(try node.op.option(0), rank: input.shape.count)
        var batch = try node.op.option(1)
        if batch < 0 { batch += indices.shape.count }
        guard batch >= 0, batch <= axis, batch <= indices.shape.count,
            Array(input.shape[..<batch]) == Array(indices.shape[..<batch])
        else { throw node.damaged("\(batch) batch dimensions") }
        return (axis, batch)
    }
}
