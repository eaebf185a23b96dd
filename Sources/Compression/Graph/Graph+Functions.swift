import ModelFormat

/// Operators without weights. Each gives the index of its output tensor.
extension Graph {
    /// ADD, SUB, MUL, DIV, MINIMUM, MAXIMUM, SQUARED_DIFFERENCE, POW of two tensors whose dimensions are equal, 1 or missing.
    public mutating func binary(_ code: Code, _ a: Int, _ b: Int, activation: Activation = .none, name: String? = nil) -> Int {
        let sa = tensors[a].shape, sb = tensors[b].shape, rank = max(sa.count, sb.count)
        let shape = (0..<rank).map { i in
            let n = i < rank - sa.count ? 1 : sa[i - rank + sa.count], m = i < rank - sb.count ? 1 : sb[i - rank + sb.count]
            precondition(n == m || n == 1 || m == 1, "\(sa) with \(sb)")
            return n == 1 ? m : n
        }
        return add(code, [a, b], shape: shape, options: activation == .none ? [:] : ["fused_activation_function": .integer(activation.rawValue)], name: name)
    }

    public mutating func add(_ a: Int, _ b: Int, activation: Activation = .none, name: String? = nil) -> Int {
        binary(.add, a, b, activation: activation, name: name)
    }

    public mutating func mul(_ a: Int, _ b: Int, activation: Activation = .none, name: String? = nil) -> Int {
        binary(.mul, a, b, activation: activation, name: name)
    }

    /// A function of each element: RELU, RELU6, LOGISTIC, TANH, HARD_SWISH, SQRT, RSQRT, LOG, EXP, ABS.
    public mutating func unary(_ code: Code, _ x: Int, options: [String: Option] = [:], name: String? = nil) -> Int {
        add(code, [x], shape: tensors[x].shape, options: options, name: name)
    }

    public mutating func relu(_ x: Int, name: String? = nil) -> Int { unary(.relu, x, name: name) }
    public mutating func relu6(_ x: Int, name: String? = nil) -> Int { unary(.relu6, x, name: name) }
    public mutating func logistic(_ x: Int, name: String? = nil) -> Int { unary(.logistic, x, name: name) }
    public mutating func tanh(_ x: Int, name: String? = nil) -> Int { unary(.tanh, x, name: name) }
    public mutating func hardSwish(_ x: Int, name: String? = nil) -> Int { unary(.hardSwish, x, name: name) }
    public mutating func gelu(_ x: Int, approximate: Bool = false, name: String? = nil) -> Int {
        unary(.gelu, x, options: ["approximate": .integer(approximate ? 1 : 0)], name: name)
    }

    /// Along the last dimension.
    public mutating func softmax(_ x: Int, beta: Float = 1, name: String? = nil) -> Int {
        unary(.softmax, x, options: ["beta": .real(beta)], name: name)
    }

    /// x [N,H,W,C] → [N,H',W',C]
    public mutating func averagePool2D(
        _ x: Int, window: (height: Int, width: Int), stride: (height: Int, width: Int)? = nil, padding: Padding = .valid, name: String? = nil
    ) -> Int { pool(.averagePool2D, x, window, stride ?? window, padding, name) }

    /// x [N,H,W,C] → [N,H',W',C]
    public mutating func maxPool2D(
        _ x: Int, window: (height: Int, width: Int), stride: (height: Int, width: Int)? = nil, padding: Padding = .valid, name: String? = nil
    ) -> Int { pool(.maxPool2D, x, window, stride ?? window, padding, name) }

    private mutating func pool(
        _ code: Code, _ x: Int, _ window: (height: Int, width: Int), _ stride: (height: Int, width: Int), _ padding: Padding, _ name: String?
    ) -> Int {
        let shape = tensors[x].shape
        return add(
            code, [x],
            shape: [
                shape[0], Self.extent(shape[1], window.height, stride.height, 1, padding),
                Self.extent(shape[2], window.width, stride.width, 1, padding), shape[3],
            ],
            options: [
                "padding": .integer(padding.rawValue), "stride_h": .integer(stride.height), "stride_w": .integer(stride.width),
                "filter_height": .integer(window.height), "filter_width": .integer(window.width),
            ], name: name)
    }

    /// The mean over `axes`, which stay as 1 with `keepDimensions`.
    public mutating func mean(_ x: Int, axes: [Int], keepDimensions: Bool = false, name: String? = nil) -> Int {
        let name = name ?? unused(.mean), rank = tensors[x].shape.count
        let reduced = axes.map { $0 < 0 ? $0 + rank : $0 }
        let list = constant(name + "/axes", [reduced.count], integers: reduced)
        let shape = tensors[x].shape.enumerated().compactMap { i, n in reduced.contains(i) ? (keepDimensions ? 1 : nil) : n }
        return add(.mean, [x, list], shape: shape, options: ["keep_dims": .integer(keepDimensions ? 1 : 0)], name: name)
    }

    public mutating func reshape(_ x: Int, _ shape: [Int], name: String? = nil) -> Int {
        precondition(shape.reduce(1, *) == tensors[x].count, "\(tensors[x].shape) as \(shape)")
        let name = name ?? unused(.reshape)
        let list = constant(name + "/shape", [shape.count], integers: shape)
        return add(.reshape, [x, list], shape: shape, options: ["new_shape": .integers(shape)], name: name)
    }

    public mutating func transpose(_ x: Int, _ order: [Int], name: String? = nil) -> Int {
        let name = name ?? unused(.transpose)
        let list = constant(name + "/order", [order.count], integers: order)
        return add(.transpose, [x, list], shape: order.map { tensors[x].shape[$0] }, name: name)
    }

    /// Zeros around x: (before, after) for each dimension.
    public mutating func pad(_ x: Int, _ paddings: [(before: Int, after: Int)], name: String? = nil) -> Int {
        let name = name ?? unused(.pad)
        let list = constant(name + "/paddings", [paddings.count, 2], integers: paddings.flatMap { [$0.before, $0.after] })
        return add(.pad, [x, list], shape: zip(tensors[x].shape, paddings).map { $0 + $1.before + $1.after }, name: name)
    }

    public mutating func concatenation(_ xs: [Int], axis: Int, name: String? = nil) -> Int {
        var shape = tensors[xs[0]].shape
        let axis = axis < 0 ? axis + shape.count : axis
        shape[axis] = xs.reduce(0) { $0 + tensors[$1].shape[axis] }
        return add(.concatenation, xs, shape: shape, options: ["axis": .integer(axis)], name: name)
    }

    /// Elements begin, begin + stride, … below end of each dimension.
    public mutating func stridedSlice(_ x: Int, begin: [Int], end: [Int], strides: [Int]? = nil, name: String? = nil) -> Int {
        let name = name ?? unused(.stridedSlice), strides = strides ?? [Int](repeating: 1, count: begin.count)
        precondition(begin.count == tensors[x].shape.count && end.count == begin.count && strides.allSatisfy { $0 > 0 })
        let lists = [("begin", begin), ("end", end), ("strides", strides)].map { constant("\(name)/\($0)", [$1.count], integers: $1) }
        let shape = begin.indices.map { (end[$0] - begin[$0] + strides[$0] - 1) / strides[$0] }
        return add(.stridedSlice, [x] + lists, shape: shape, name: name)
    }

    /// a [..., M, K] · b [..., K, N] → [..., M, N]; `transposeB`: b is [..., N, K].
    public mutating func batchMatMul(_ a: Int, _ b: Int, transposeA: Bool = false, transposeB: Bool = false, name: String? = nil) -> Int {
        let sa = tensors[a].shape, sb = tensors[b].shape
        let rows = sa[sa.count - (transposeA ? 1 : 2)], columns = sb[sb.count - (transposeB ? 2 : 1)]
        precondition(sa[sa.count - (transposeA ? 2 : 1)] == sb[sb.count - (transposeB ? 1 : 2)], "\(sa) by \(sb)")
        let batch = sa.count >= sb.count ? sa.dropLast(2) : sb.dropLast(2)
        return add(
            .batchMatMul, [a, b], shape: batch + [rows, columns],
            options: ["adj_x": .integer(transposeA ? 1 : 0), "adj_y": .integer(transposeB ? 1 : 0)], name: name)
    }

    /// `parts` equal pieces along `axis`.
    public mutating func split(_ x: Int, axis: Int, parts: Int, name: String? = nil) -> [Int] {
        let name = name ?? unused(.split)
        var shape = tensors[x].shape
        precondition(shape[axis] % parts == 0, "\(shape) in \(parts)")
        shape[axis] /= parts
        let list = constant(name + "/axis", [], integers: [axis])
        let outputs = (0..<parts).map { tensor("\(name)/\($0)", shape) }
        operators.append(Operator(.split, [list, x], outputs, ["num_splits": .integer(parts)]))
        return outputs
    }
}
