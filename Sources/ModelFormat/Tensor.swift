import Support

/// How integers stand for reals: real = scale · (q − zero point), one pair for the tensor, or one per
/// index of dimension `axis`.
public struct Quantization: Sendable {
    public let scales: FlatVector<Float>
    public let zeroPoints: FlatVector<Int64>
    public let axis: Int

    public var isPerChannel: Bool { scales.count > 1 }
    public var isPresent: Bool { scales.count > 0 }
    /// The scale of the tensor, or of its first channel; 0 if it has none.
    public var scale: Float { scales.count > 0 ? scales[0] : 0 }
    /// The zero point of the tensor, or of its first channel; 0 if it has none.
    public var zeroPoint: Int { zeroPoints.count > 0 ? Int(zeroPoints[0]) : 0 }
}

/// A tensor as the file describes it.
public final class Tensor: Sendable {
    public let nameBytes: FlatVector<UInt8>
    public let type: ElementType
    /// Outermost dimension first; a scalar has none. Unknown dimensions are given as 1 by exporters.
    public let shape: [Int]
    public let quantization: Quantization
    public let isVariable: Bool
    /// The constant's bytes in the file: nil for what is computed at run time. Alignment isn't promised.
    nonisolated(unsafe) public let data: UnsafeRawBufferPointer?
    /// Elements: the product of `shape`.
    public let count: Int

    public var name: String { nameBytes.string }
    public var byteCount: Int { type.bytes(count) }

    /// The dimension that rows go along, the first that is not 1, as time does in a window of sound; nil for a single element.
    public var rowAxis: Int? { shape.firstIndex { $0 != 1 } }
    /// How many there are.
    public var rows: Int { rowAxis.map { shape[$0] } ?? 1 }

    /// The most bytes that a tensor may have: what a 32-bit board can address at all, with room to spare.
    public static let maximumBytes = 1 << 30

    init(_ table: Table, buffers: FlatVector<UInt32>, file: FlatBuffer, index: Int, _ budget: inout Budget) throws(Failure) {
        nameBytes = try table.text(3)
        let code = try table.scalar(1, Int8(0))
        guard let type = ElementType(rawValue: code) else {
            throw Failure(.data, "tensor \(index)", "unknown element type \(code)", "export the model with an older converter")
        }
        self.type = type

        let dimensions = try table.vector(0, of: Int32.self)
        guard dimensions.count <= 8 else {
            throw Failure(.data, "tensor \(index)", "\(dimensions.count) dimensions", "at most 8 are supported")
        }
        var shape: [Int] = []
        var count = 1
        // Empty dimensions counted as 1, so that no product of some of them overflows anywhere.
        var extent = 1
        for i in 0..<dimensions.count {
            let n = Int(dimensions[i])
            let (product, overflow) = extent.multipliedReportingOverflow(by: max(n, 1))
            guard n >= 0, !overflow, product <= Self.maximumBytes, type.bytes(product) <= Self.maximumBytes else {
                throw Failure(
                    .data, "tensor \(index)", n < 0 ? "has a dimension of \(n)" : "dimension \(n) makes it impossibly large",
                    "the model is damaged: export it again")
            }
            shape.append(n)
            extent = product
            count *= n
        }
        self.shape = shape
        self.count = count

        if let q = try table.table(4) {
            let axis = Int(try q.scalar(6, Int32(0)))
            let scales = try q.vector(2, of: Float.self)
            let zeroPoints = try q.vector(3, of: Int64.self)
            try budget.spend(scales.count + zeroPoints.count, at: scales.start)
            for i in 0..<scales.count where !(scales[i] >= 0 && scales[i].isFinite) {
                throw Failure(.data, "tensor \(index)", "scale \(i) is not a finite positive number", "the model is damaged: export it again")
            }
            for i in 0..<zeroPoints.count where zeroPoints[i] < -32768 || zeroPoints[i] > 65535 {
                throw Failure(.data, "tensor \(index)", "zero point \(i) is out of range", "the model is damaged: export it again")
            }
            if scales.count > 1 {
                guard axis >= 0, axis < shape.count, shape[axis] == scales.count,
                    zeroPoints.count == 0 || zeroPoints.count == scales.count
                else {
                    throw Failure(
                        .data, "tensor \(index)", "\(scales.count) scales don't fit dimension \(axis)",
                        "the model is damaged: export it again")
                }
            }
            quantization = Quantization(scales: scales, zeroPoints: zeroPoints, axis: axis)
        } else {
            quantization = Quantization(
                scales: FlatVector(file, at: 0, count: 0), zeroPoints: FlatVector(file, at: 0, count: 0), axis: 0)
        }
        isVariable = try table.flag(5)

        let buffer = Int(try table.scalar(2, UInt32(0)))
        guard buffer < buffers.count || buffer == 0 else { throw FlatBuffer.damaged(at: buffer) }
        data = buffer == 0 ? nil : try Self.data(of: try buffers.table(buffer), in: file)
        if let data, type != .string, type != .resource, type != .variant, data.count < type.bytes(count) {
            throw Failure(
                .data, "tensor \(index)", "its data has \(data.count) bytes, its shape needs \(type.bytes(count))",
                "the model is truncated or damaged: copy or export it again")
        }
    }

    /// `other`, which is no constant, with another shape.
    public init(_ other: Tensor, shape: [Int]) {
        nameBytes = other.nameBytes
        type = other.type
        self.shape = shape
        quantization = other.quantization
        isVariable = other.isVariable
        data = nil
        count = shape.reduce(1, *)
    }

    /// A buffer's bytes: within the flatbuffer, or after it in the same file (`offset`, `size`), as
    /// exporters write large models.
    private static func data(of buffer: Table, in file: FlatBuffer) throws(Failure) -> UnsafeRawBufferPointer? {
        let inside = try buffer.vector(0, of: UInt8.self)
        if inside.count > 0 { return inside.bytes }
        let offset = try buffer.scalar(1, UInt64(0))
        let size = try buffer.scalar(2, UInt64(0))
        guard offset > 1, size > 0 else { return nil }
        guard let start = Int(exactly: offset), let count = Int(exactly: size) else { throw FlatBuffer.damaged(at: -1) }
        try file.check(start, count)
        return UnsafeRawBufferPointer(start: file.base + start, count: count)
    }
}
