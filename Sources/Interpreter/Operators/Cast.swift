import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// Any of float32, int32, uint8, int64, bool, int16, int8 to any other
    static let cast = OperatorDefinition(
        code: 53,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0), output = try node.output()
            try node.expect(input.shape)
            guard k_cast(Int32(input.type.rawValue), Int32(output.type.rawValue)) != nil else {
                throw node.unsupported("float32, int32, uint8, int64, bool, int16, int8")
            }
            layout.macs = UInt64(input.count)
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0), output = try node.output()
            var block = k_convert()
            block.x = UnsafeRawPointer(try emitter.input(node, 0))
            block.y = try emitter.output(node)
            block.count = input.count
            try emitter.call(node, "cast", k_cast(Int32(input.type.rawValue), Int32(output.type.rawValue))!, block)
        })
}
