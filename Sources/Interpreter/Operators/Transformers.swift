#if TRANSFORMERS
import CKernels
import ModelFormat
import Support

/// Operators on floats that networks with attention have. Those that quantised networks have, too, stand in
/// files of their own.
extension OperatorDefinition {
    static let div = float(42, "f32_div", k_f32_div)
    static let squaredDifference = float(99, "f32_squared_difference", k_f32_squared_difference)
    /// a ^ b; by multiplications or a root where b is a constant that asks for no more
    static let pow = OperatorDefinition(
        code: 78, layout: power.layout,
        emit: { node, emitter throws(Failure) in
            let exponent = try node.input(1)
            if exponent.count == 1, node.constants[node.op.inputs[1]] != nil, try node.input(0).count == node.output().count {
                switch try node.constant(1).loadUnaligned(as: Float.self) {
                case 2: return try apply(node, &emitter, "f32_square", k_f32_square)
                case 3: return try apply(node, &emitter, "f32_cube", k_f32_cube)
                default: break
                }
            }
            try power.emit(node, &emitter)
        })
    private static let power = float(78, "f32_pow", k_f32_pow)

    static let sum = reduction(74)

    static let exp = float(47) { _ throws(Failure) in ("f32_exp", k_f32_exp) }
    static let neg = float(59) { _ throws(Failure) in ("f32_neg", k_f32_neg) }
    static let log = float(73) { _ throws(Failure) in ("f32_log", k_f32_log) }
    static let sqrt = float(75) { _ throws(Failure) in ("f32_sqrt", k_f32_sqrt) }
    static let rsqrt = float(76) { _ throws(Failure) in ("f32_rsqrt", k_f32_rsqrt) }
    static let square = float(92) { _ throws(Failure) in ("f32_square", k_f32_square) }
    static let abs = float(101) { _ throws(Failure) in ("f32_abs", k_f32_abs) }
    /// Option 0: whether by tanh.
    static let gelu = float(150) { node throws(Failure) in
        if try node.op.flag(0) { return ("f32_gelu_tanh", k_f32_gelu_tanh) }
        return ("f32_gelu", k_f32_gelu)
    }

    private static func float(_ code: Int32, _ name: StaticString, _ run: k_function) -> OperatorDefinition {
        // Of int8 and int32 there are none: `layout` refuses them.
        binary(code, BinaryOperator(kind: .float, int8: (name, run), float32: (name, run), int32: (name, run)))
    }

    private static func float(
        _ code: Int32, _ kernel: @escaping @Sendable (Node) throws(Failure) -> (name: StaticString, run: k_function)
    ) -> OperatorDefinition {
        OperatorDefinition(
            code: code,
            layout: { node, layout throws(Failure) in
                let input = try node.input(0)
                try node.expect(input.shape)
                guard input.type == .float32, try node.output().type == .float32 else { throw node.unsupported("float32") }
                layout.inPlace = 0
                layout.macs = UInt64(input.count)
            },
            emit: { node, emitter throws(Failure) in
                let kernel = try kernel(node)
                try apply(node, &emitter, kernel.name, kernel.run)
            })
    }

    /// Adds output 0 = f(input 0).
    private static func apply(_ node: Node, _ emitter: inout Emitter, _ name: StaticString, _ run: k_function) throws(Failure) {
        let block = k_unary(
            x: UnsafePointer(try emitter.input(node, 0).assumingMemoryBound(to: Float.self)),
            y: try emitter.output(node).assumingMemoryBound(to: Float.self), count: try node.input(0).count, slope: 0)
        try emitter.call(node, name, run, block)
    }
}
#endif
