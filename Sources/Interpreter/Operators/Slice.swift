import ModelFormat
import Support

/// A box within a tensor: where it begins, how it steps, how many elements it has, per dimension.
private struct Box {
    var begin: [Int]
    var step: [Int]
    var count: [Int]

    /// SLICE: begin and size; a size of −1 means the rest.
    init(slice node: Node) throws(Failure) {
        let shape = try node.input(0).shape
        begin = try node.integers(1)
        count = try node.integers(2)
        step = [Int](repeating: 1, count: shape.count)
        guard begin.count == shape.count, count.count == shape.count else {
            throw node.damaged("begin and size don't fit \(node.text(shape))")
        }
        for i in 0..<shape.count {
            guard begin[i] >= 0, begin[i] <= shape[i], count[i] >= -1, count[i] <= shape[i] - begin[i] else {
                throw node.damaged("slice of dimension \(i) leaves the tensor")
            }
            if count[i] == -1 { count[i] = shape[i] - begin[i] }
        }
        try node.expect(count)
    }

    /// STRIDED_SLICE: begin, end, strides, and masks of dimensions, as TensorFlow defines them.
    init(stridedSlice node: Node) throws(Failure) {
        let shape = try node.input(0).shape
        let begins = try node.integers(1), ends = try node.integers(2), steps = try node.integers(3)
        let beginMask = try node.op.option(0), endMask = try node.op.option(1), shrinkMask = try node.op.option(4)
        let ellipsisMask = try node.op.option(2), newAxisMask = try node.op.option(3)
        let isOffset = try node.op.flag(5)
        guard begins.count == ends.count, begins.count == steps.count, begins.count <= 32 else {
            throw node.damaged("begin, end and strides don't fit \(node.text(shape))")
        }
        begin = []
        step = []
        count = []
        var result: [Int] = []
        func keepWhole() {
            result.append(shape[count.count])
            begin.append(0)
            step.append(1)
            count.append(shape[count.count])
        }
        // Entries that name a dimension of the input; an ellipsis stands for all that none names.
        let named = begins.indices.count { ellipsisMask >> $0 & 1 == 0 && newAxisMask >> $0 & 1 == 0 }
        guard named <= shape.count, ellipsisMask & (ellipsisMask &- 1) == 0 else {
            throw node.damaged("begin, end and strides don't fit \(node.text(shape))")
        }
        for i in begins.indices {
            if ellipsisMask >> i & 1 == 1 {
                for _ in named..<shape.count { keepWhole() }
                continue
            }
            if newAxisMask >> i & 1 == 1 {
                result.append(1)
                continue
            }
            let n = shape[count.count], s = steps[i]
            guard s != 0, s.magnitude <= 1 << 24, begins[i].magnitude < 1 << 40, ends[i].magnitude < 1 << 40 else {
                throw node.damaged("stride \(s)")
            }
            // Negative positions count from the end; positions outside mean the ends.
            func position(_ p: Int) -> Int {
                let q = p < 0 ? p + n : p
                return s > 0 ? min(max(q, 0), n) : min(max(q, -1), n - 1)
            }
            let isShrunk = shrinkMask >> i & 1 == 1
            let first = beginMask >> i & 1 == 1 ? (s > 0 ? 0 : n - 1) : position(begins[i])
            if isShrunk {
                guard first >= 0, first < n else { throw node.damaged("index \(begins[i]) leaves dimension \(count.count)") }
                begin.append(first)
                step.append(1)
                count.append(1)
                continue
            }
            let end = endMask >> i & 1 == 1 ? (s > 0 ? n : -1) : position(isOffset ? begins[i] + ends[i] : ends[i])
            let length = s > 0 ? (end - first + s - 1) / s : (first - end - s - 1) / -s
            begin.append(first)
            step.append(s)
            count.append(max(length, 0))
            result.append(max(length, 0))
        }
        while count.count < shape.count { keepWhole() }
        try node.expect(result)
    }

    /// Elements before the first one of the box.
    func offset(_ strides: [Int]) -> Int { zip(begin, strides).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Whether the box is one piece of a tensor of `shape`: the outermost dimension with more than one
    /// element may be cut, those inside it must be whole.
    func isContiguous(in shape: [Int]) -> Bool {
        guard let outermost = count.firstIndex(where: { $0 != 1 }) else { return true }
        return step[outermost] == 1 && (outermost + 1..<shape.count).allSatisfy { count[$0] == shape[$0] && (step[$0] == 1 || count[$0] == 1) }
    }
}

extension OperatorDefinition {
    /// input, begin, size → the box
    static let slice = boxed(65) { node throws(Failure) in try Box(slice: node) }
    /// input, begin, end, strides → the box, without the dimensions that the shrink mask names
    static let stridedSlice = boxed(45) { node throws(Failure) in try Box(stridedSlice: node) }

    private static func boxed(
        _ code: Int32, _ box: @escaping @Sendable (Node) throws(Failure) -> Box
    ) -> OperatorDefinition {
        OperatorDefinition(
            code: code,
            layout: { node, layout throws(Failure) in
                let input = try node.input(0)
                try node.expectSameType(input, try node.output())
                let box = try box(node)
                if box.isContiguous(in: input.shape) && product(box.count) > 0 {
                    let offset = box.offset(denseStrides(input.shape)) * input.type.bytes(1)
                    layout.views = [Layout.View(output: 0, input: 0, byteOffset: offset)]
                }
            },
            emit: { node, emitter throws(Failure) in
                // A part of a channel slice that is read where it stands.
                if emitter.pixelStride(node.op.outputs[0]) > 0 { return }
                let input = try node.input(0)
                let box = try box(node)
                let strides = denseStrides(input.shape)
                let size = input.type.bytes(1)
                try emitter.copy(
                    node, from: try emitter.input(node, 0) + box.offset(strides) * size,
                    zip(strides, box.step).map { $0 * $1 }, to: try emitter.output(node), denseStrides(box.count),
                    counts: box.count, size: size)
            })
    }
}
