import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// input, axes (constant) → the mean over those axes, which stay as 1 with keep_dims
    static let mean = reduction(40)

    /// MEAN, and of floats SUM.
    static func reduction(_ code: Int32) -> OperatorDefinition { OperatorDefinition(
        code: code,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0)
            let reduced = try reducedAxes(node)
            if let rows = input.rowAxis, !reduced[rows] { layout.rowWindow = .init() }
            let keep = try node.op.flag(0)
            var shape: [Int] = []
            for (i, n) in input.shape.enumerated() {
                if !reduced[i] { shape.append(n) } else if keep { shape.append(1) }
            }
            try node.expect(shape)
            switch (input.type, try node.output().type) {
            case (.int8, .int8) where code == 40:
                _ = try node.quantization(input)
                _ = try node.quantization(try node.output())
            case (.float32, .float32): break
            default: throw node.unsupported("int8, float32")
            }
            guard input.count > 0 else { throw node.damaged("mean of nothing") }
            layout.macs = UInt64(input.count)
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0), output = try node.output()
            let reduced = try reducedAxes(node)
            let strides = denseStrides(input.shape)
            var keepCount: [Int32] = [], reduceCount: [Int32] = []
            var keepStride: [Int] = [], reduceStride: [Int] = []
            var elements = 1
            for i in 0..<input.shape.count where input.shape[i] != 1 {
                if reduced[i] {
                    elements *= input.shape[i]
                    // Two dimensions that lie as one are one.
                    if let last = reduceStride.last, last == input.shape[i] * strides[i] {
                        reduceCount[reduceCount.count - 1] *= Int32(input.shape[i])
                        reduceStride[reduceStride.count - 1] = strides[i]
                        continue
                    }
                    reduceCount.append(Int32(input.shape[i]))
                    reduceStride.append(strides[i])
                } else {
                    keepCount.append(Int32(input.shape[i]))
                    keepStride.append(strides[i])
                }
            }
            var block = k_mean()
            block.input = UnsafeRawPointer(try emitter.input(node, 0))
            block.output = try emitter.output(node)
            block.keep_rank = Int32(keepCount.count)
            block.reduce_rank = Int32(reduceCount.count)
            fill(&block.keep_count, keepCount)
            fill(&block.reduce_count, reduceCount)
            fill(&block.keep_stride, keepStride)
            fill(&block.reduce_stride, reduceStride)
            block.elements = Int32(elements)
            if input.type == .int8 {
                block.input_zero = Int32(input.quantization.zeroPoint)
                block.output_zero = Int32(output.quantization.zeroPoint)
                block.scale = input.quantization.scale / (output.quantization.scale * Float(elements))
                try emitter.call(node, "s8_mean", k_s8_mean, block)
            } else {
                block.scale = code == 40 ? 1 / Float(elements) : 1
                try emitter.call(node, "f32_mean", k_f32_mean, block)
            }
        }) }

    private static func reducedAxes(_ node: Node) throws(Failure) -> [Bool] {
        let input = try node.input(0)
        var reduced = [Bool](repeating: false, count: input.shape.count)
        for a in try node.integers(1) { reduced[try node.axis(a, rank: input.shape.count)] = true }
        return reduced
    }
}

/// Writes `values` to the beginning of a C array, which Swift sees as a tuple.
func fill<Tuple, T: BitwiseCopyable>(_ tuple: inout Tuple, _ values: [T]) {
    withUnsafeMutableBytes(of: &tuple) { bytes in
        for (i, value) in values.enumerated() { bytes.storeBytes(of: value, toByteOffset: i * MemoryLayout<T>.stride, as: T.self) }
    }
}
