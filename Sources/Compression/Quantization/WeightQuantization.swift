import ModelFormat

/// Weights as int8, symmetric: −127…127, scale = max |w| / 127 of the tensor or of each index of `axis`,
/// q = round(w / scale), halves to even.
enum WeightQuantization {
    static func int8(_ tensor: Graph.Tensor, axis: Int?, least: [Float] = []) -> Graph.Tensor {
        let weights = tensor.values(as: Float.self)
        var scales = scales(weights, tensor.shape, axis)
        // A bias that would not fit int32 makes its channel's scale larger.
        for (c, scale) in least.enumerated() {
            let k = axis == nil ? 0 : c
            scales[k] = max(scales[k], scale)
        }
        var q = [Int8](repeating: 0, count: weights.count)
        for (i, w) in weights.enumerated() {
            let scale = scales[axis.map { channel(i, tensor.shape, $0) } ?? 0]
            q[i] = Int8(min(max((w / scale).rounded(.toNearestOrEven), -127), 127))
        }
        return Graph.Tensor(
            tensor.name, tensor.shape, .int8, data: Graph.bytes(q),
            quantization: Graph.Quantization(scales: scales, zeroPoints: [Int](repeating: 0, count: scales.count), axis: axis ?? 0))
    }

    private static func scales(_ weights: [Float], _ shape: [Int], _ axis: Int?) -> [Float] {
        var largest = [Float](repeating: 0, count: axis.map { shape[$0] } ?? 1)
        for (i, w) in weights.enumerated() {
            let c = axis.map { channel(i, shape, $0) } ?? 0
            largest[c] = max(largest[c], abs(w))
        }
        // A channel of zeros takes any scale; a tiny one lets its bias be exact.
        return largest.map { max($0 / 127, 1e-9) }
    }

    /// The index along `axis` of element `i`.
    static func channel(_ i: Int, _ shape: [Int], _ axis: Int) -> Int { i / shape[(axis + 1)...].reduce(1, *) % shape[axis] }

    /// The reals that a quantised tensor stands for.
    static func reals(_ tensor: Graph.Tensor) -> [Float] {
        guard let q = tensor.quantization else { return tensor.values(as: Float.self) }
        let integers = tensor.values(as: Int8.self)
        return integers.enumerated().map { i, x in
            let c = q.scales.count > 1 ? channel(i, tensor.shape, q.axis) : 0
            return Float(Int(x) - q.zeroPoints[c]) * q.scales[c]
        }
    }
}
