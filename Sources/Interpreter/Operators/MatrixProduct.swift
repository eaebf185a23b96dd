#if TRANSFORMERS
import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// a [..., M, K], b [..., K, N] → [..., M, N]; adj_x: a is [..., K, M]; adj_y: b is [..., N, K]. Dimensions in
    /// front are broadcast.
    static let batchMatMul = OperatorDefinition(
        code: 126,
        layout: { node, layout throws(Failure) in try MatrixProduct(batchMatMul: node).layout(node, &layout) },
        emit: { node, emitter throws(Failure) in try MatrixProduct(batchMatMul: node).emit(node, &emitter) })
}

/// BATCH_MATMUL, and FULLY_CONNECTED whose weights are computed at run time.
struct MatrixProduct {
    private var block = k_matrix_product()
    private let activation: Activation

    /// Nil for constant weights, which are packed while preparing: a `ConvolutionLayer`.
    /// input [..., K], weights [O,K], bias [O]? → [..., O]
    init?(fullyConnected node: Node) throws(Failure) {
        guard node.constants[try node.inputIndex(1)] == nil else { return nil }
        let input = try node.input(0), weights = try node.input(1), output = try node.output()
        guard input.type == .float32, weights.type == .float32, output.type == .float32 else {
            throw node.unsupported("float32 with weights that are computed at run time")
        }
        guard weights.shape.count == 2, weights.count > 0, input.count > 0, input.count % weights.shape[1] == 0 else {
            throw node.damaged("input \(node.text(input.shape)) for weights \(node.text(weights.shape))")
        }
        guard try node.op.choice(1) == 0 else { throw node.refuse("weights are shuffled", "export with default weights") }
        block.depth = Int32(weights.shape[1])
        block.columns = Int32(weights.shape[0])
        block.rows = Int32(input.count / weights.shape[1])
        activation = try Activation(try node.op.choice(0), node)
        guard output.count == Int(block.rows) * weights.shape[0] else {
            throw node.damaged("computes \(block.rows)×\(block.columns), the file says \(node.text(output.shape))")
        }
        if node.hasInput(2) {
            let bias = try node.input(2)
            guard bias.type == .float32, bias.count == weights.shape[0] else {
                throw node.damaged("\(bias.count) biases of \(bias.type.name) for \(weights.shape[0]) channels")
            }
        }
    }

    init(batchMatMul node: Node) throws(Failure) {
        let a = try node.input(0), b = try node.input(1), y = try node.output()
        guard a.type == .float32, b.type == .float32, y.type == .float32 else { throw node.unsupported("float32") }
        activation = .none
        guard a.shape.count >= 2, b.shape.count >= 2, a.count > 0, b.count > 0 else {
            throw node.damaged("matrices \(node.text(a.shape)) and \(node.text(b.shape))")
        }
        let turnA = try node.op.flag(0), turnB = try !node.op.flag(1)
        let (m, k) = Self.sides(a.shape, turnA), (n, depth) = Self.sides(b.shape, turnB)
        guard k == depth else { throw node.damaged("shapes \(node.text(a.shape)) and \(node.text(b.shape)) don't fit") }
        block.rows = Int32(m)
        block.columns = Int32(n)
        block.depth = Int32(k)
        block.turn_a = turnA ? 1 : 0
        block.turn_b = turnB ? 1 : 0

        let batch = try broadcast(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)), node)
        try node.expect(batch + [m, n])
        block.rank = Int32(batch.count)
        fill(&block.count, batch.map { Int32($0) })
        fill(&block.a_stride, broadcastStrides(Array(a.shape.dropLast(2)), in: batch).map { $0 * m * k })
        fill(&block.b_stride, broadcastStrides(Array(b.shape.dropLast(2)), in: batch).map { $0 * n * k })
    }

    /// Rows and columns of a matrix as it is meant.
    private static func sides(_ shape: [Int], _ isTurned: Bool) -> (Int, Int) {
        let outer = shape[shape.count - 2], inner = shape[shape.count - 1]
        return isTurned ? (inner, outer) : (outer, inner)
    }

    func layout(_ node: Node, _ layout: inout Layout) throws(Failure) {
        layout.macs = UInt64(try node.output().count).multipliedReportingOverflow(by: UInt64(block.depth)).partialValue
        var block = block
        block.variant = k_f32_convolution_best(layout.cpu)
        layout.scratch = k_matrix_scratch_bytes(&block)
    }

    func emit(_ node: Node, _ emitter: inout Emitter) throws(Failure) {
        var block = block
        block.variant = k_f32_convolution_best(emitter.cpu)
        block.a = UnsafePointer(try emitter.input(node, 0).assumingMemoryBound(to: Float.self))
        block.b = UnsafePointer(try emitter.input(node, 1).assumingMemoryBound(to: Float.self))
        block.y = try emitter.output(node).assumingMemoryBound(to: Float.self)
        // BATCH_MATMUL has two inputs.
        if node.hasInput(2) && node.op.code.number != OperatorDefinition.batchMatMul.code {
            block.bias = UnsafePointer(try emitter.input(node, 2).assumingMemoryBound(to: Float.self))
        }
        block.scratch = emitter.scratch
        block.output_min = activation.range.low
        block.output_max = activation.range.high
        try emitter.call(node, "f32_matrix_product", k_f32_matrix_product, block)
    }
}
#endif
