import CKernels
import ModelFormat
import Support

/// ADD, SUB, MUL, MINIMUM, MAXIMUM; of floats DIV, SQUARED_DIFFERENCE and POW: a, b → a ∘ b, with broadcasting
/// of dimensions of 1.
struct BinaryOperator {
    enum Kind { case add, sub, mul, minimum, maximum, float }
    typealias Kernel = (name: StaticString, run: k_function)

    let kind: Kind
    let int8: Kernel, float32: Kernel, int32: Kernel

    func layout(_ node: Node, _ layout: inout Layout) throws(Failure) {
        let a = try node.input(0), b = try node.input(1), y = try node.output()
        guard a.type == b.type, a.type == y.type else { throw node.unsupported("int8, float32, int32") }
        try node.expect(try broadcast(a.shape, b.shape, node))
        #if TRANSFORMERS
        guard kind != .float || a.type == .float32 else { throw node.unsupported("float32") }
        #endif
        switch a.type {
        case .int8:
            let qa = try node.quantization(a), qb = try node.quantization(b), qy = try node.quantization(y)
            if kind == .minimum || kind == .maximum {
                guard qa.scale == qb.scale, qa.scale == qy.scale, qa.zeroPoint == qb.zeroPoint, qa.zeroPoint == qy.zeroPoint else {
                    throw node.refuse("operands are quantised differently", "export the model again")
                }
            }
            if kind == .add || kind == .sub {
                for ratio in [qa.scale / qy.scale, qb.scale / qy.scale] where !(ratio < 256) {
                    throw node.refuse("input scale is \(Int(min(ratio, 1e9))) times the output's", "quantise the model again")
                }
            }
        case .float32: break
        case .int32:
            guard try activation(node).isNone else { throw node.refuse("fused activation on int32", "export without it") }
        default: throw node.unsupported("int8, float32, int32")
        }
        layout.macs = UInt64(y.count)
        if try isRowByRow(node) { layout.rowWindow = .init() }
        if a.count == y.count { layout.inPlace = 0 } else if b.count == y.count { layout.inPlace = 1 }
    }

    /// Whether both operands have the output's rows, or a constant none: one that has would have to be cut, too.
    private func isRowByRow(_ node: Node) throws(Failure) -> Bool {
        let y = try node.output()
        guard let rows = y.rowAxis else { return false }
        for i in 0..<2 {
            let operand = try node.input(i).shape, axis = rows - (y.shape.count - operand.count)
            let count = axis < 0 ? 1 : operand[axis]
            if count != (node.constants[node.op.inputs[i]] == nil ? y.shape[rows] : 1) { return false }
        }
        return true
    }

    private func activation(_ node: Node) throws(Failure) -> Activation {
        kind == .minimum || kind == .maximum ? .none : try Activation(try node.op.choice(0), node)
    }

    func emit(_ node: Node, _ emitter: inout Emitter) throws(Failure) {
        let a = try node.input(0), b = try node.input(1), y = try node.output()
        var block = k_binary()
        block.a = UnsafeRawPointer(try emitter.input(node, 0))
        block.b = UnsafeRawPointer(try emitter.input(node, 1))
        block.y = try emitter.output(node)
        guard y.count > 0 else { return }

        // Dimensions that both operands walk alike are one: most additions become a single loop.
        var counts: [Int32] = [], aStrides: [Int] = [], bStrides: [Int] = []
        let shape = y.count == 1 ? [1] : y.shape
        let sa = broadcastStrides(a.shape, in: shape), sb = broadcastStrides(b.shape, in: shape)
        for i in 0..<shape.count where shape[i] != 1 || y.count == 1 {
            if let last = counts.indices.last, aStrides[last] == sa[i] * shape[i], bStrides[last] == sb[i] * shape[i] {
                counts[last] *= Int32(shape[i])
                aStrides[last] = sa[i]
                bStrides[last] = sb[i]
            } else {
                counts.append(Int32(shape[i]))
                aStrides.append(sa[i])
                bStrides.append(sb[i])
            }
        }
        block.rank = Int32(counts.count)
        fill(&block.count, counts)
        fill(&block.a_stride, aStrides)
        fill(&block.b_stride, bStrides)

        let activation = try activation(node)
        switch a.type {
        case .float32:
            block.float_min = activation.range.low
            block.float_max = activation.range.high
            try emitter.call(node, float32.name, float32.run, block)
        case .int32: try emitter.call(node, int32.name, int32.run, block)
        default:
            setInt8(&block, a.quantization, b.quantization, y.quantization, activation)
            try emitter.call(node, int8.name, int8.run, block)
        }
    }

    private func setInt8(_ block: inout k_binary, _ a: Quantization, _ b: Quantization, _ y: Quantization, _ activation: Activation) {
        let range = activation.int8Range(y)
        block.output_min = range.low
        block.output_max = range.high
        block.output_zero = Int32(y.zeroPoint)
        block.a_zero = Int32(a.zeroPoint)
        block.b_zero = Int32(b.zeroPoint)
        switch kind {
        case .mul: block.scale = a.scale * b.scale / y.scale
        case .minimum, .maximum, .float: break
        case .add, .sub:
            // The larger factor gets 21 significant bits, so 8-bit operands stay within 31.
            let ra = a.scale / y.scale, rb = b.scale / y.scale
            // Scales that differ by more than a float can say make both factors 0.
            let exponent = max(ra, rb, .leastNormalMagnitude).exponent
            let shift = min(20 - Int(exponent), 30)
            let unit = Float(sign: .plus, exponent: shift, significand: 1)
            block.shift = Int32(shift)
            block.a_multiplier = Int32((ra * unit).rounded(.toNearestOrEven))
            block.b_multiplier = Int32((rb * unit).rounded(.toNearestOrEven))
            if kind == .sub { block.b_multiplier = -block.b_multiplier }
            let half: Int32 = shift > 0 ? 1 << Int32(shift - 1) : 0
            block.bias = half &- block.a_multiplier &* block.a_zero &- block.b_multiplier &* block.b_zero
        }
    }
}

/// The shape of an operator on operands of shapes `a` and `b`, whose dimensions of 1 are repeated.
func broadcast(_ a: [Int], _ b: [Int], _ node: Node) throws(Failure) -> [Int] {
    let rank = max(a.count, b.count)
    var shape: [Int] = []
    for i in 0..<rank {
        let m = i < rank - a.count ? 1 : a[i - rank + a.count], n = i < rank - b.count ? 1 : b[i - rank + b.count]
        guard m == n || m == 1 || n == 1 else {
            throw node.damaged("shapes \(node.text(a)) and \(node.text(b)) don't fit")
        }
        shape.append(m == 1 ? n : m)
    }
    return shape
}

/// Strides of an operand within the output's shape: 0 where it repeats.
func broadcastStrides(_ operand: [Int], in shape: [Int]) -> [Int] {
    let own = denseStrides(operand)
    var result: [Int] = []
    for i in 0..<shape.count {
        let k = i - shape.count + operand.count
        result.append(k < 0 || operand[k] == 1 ? 0 : own[k])
    }
    return result
}

extension Activation {
    var isNone: Bool { range.low == -Float.infinity && range.high == Float.infinity }
}

extension OperatorDefinition {
    static func binary(_ code: Int32, _ op: BinaryOperator) -> OperatorDefinition {
        OperatorDefinition(
            code: code,
            layout: { node, layout throws(Failure) in try op.layout(node, &layout) },
            emit: { node, emitter throws(Failure) in try op.emit(node, &emitter) })
    }

    static let add = binary(
        0, BinaryOperator(kind: .add, int8: ("s8_add", k_s8_add), float32: ("f32_add", k_f32_add), int32: ("s32_add", k_s32_add)))
    static let sub = binary(
        41, BinaryOperator(kind: .sub, int8: ("s8_sub", k_s8_add), float32: ("f32_sub", k_f32_sub), int32: ("s32_sub", k_s32_sub)))
    static let mul = binary(
        18, BinaryOperator(kind: .mul, int8: ("s8_mul", k_s8_mul), float32: ("f32_mul", k_f32_mul), int32: ("s32_mul", k_s32_mul)))
    static let minimum = binary(
        57, BinaryOperator(kind: .minimum, int8: ("s8_min", k_s8_min), float32: ("f32_min", k_f32_min), int32: ("s32_min", k_s32_min)))
    static let maximum = binary(
        55, BinaryOperator(kind: .maximum, int8: ("s8_max", k_s8_max), float32: ("f32_max", k_f32_max), int32: ("s32_max", k_s32_max)))
}
