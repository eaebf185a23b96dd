import CKernels
import ModelFormat
import Support

extension Emitter {
    /// Copies elements between two strided views: `counts` elements along each dimension (outermost first),
    /// strides and offsets in elements of `size` bytes. Dimensions that both sides walk alike become one.
    mutating func copy(
        _ node: Node, from source: UnsafeRawPointer, _ sourceStrides: [Int], to target: UnsafeMutableRawPointer,
        _ targetStrides: [Int], counts: [Int], size: Int, table: UnsafePointer<UInt8>? = nil
    ) throws(Failure) {
        guard product(counts) > 0 else { return }
        var merged: [(count: Int, source: Int, target: Int)] = []
        for i in 0..<counts.count where counts[i] != 1 {
            let next = (count: counts[i], source: sourceStrides[i] * size, target: targetStrides[i] * size)
            if let last = merged.last, last.source == next.source * next.count, last.target == next.target * next.count {
                merged[merged.count - 1] = (last.count * next.count, next.source, next.target)
            } else {
                merged.append(next)
            }
        }
        var block = k_copy()
        block.src = source.assumingMemoryBound(to: UInt8.self)
        block.dst = target.assumingMemoryBound(to: UInt8.self)
        block.lut = table
        block.block = size
        if let last = merged.last, last.source == size, last.target == size {
            block.block = last.count * size
            merged.removeLast()
        }
        if merged.isEmpty && table == nil {
            try move(node, from: source, to: target, bytes: block.block)
            return
        }
        block.rank = Int32(merged.count)
        fill(&block.count, merged.map { Int32($0.count) })
        fill(&block.src_stride, merged.map { $0.source })
        fill(&block.dst_stride, merged.map { $0.target })
        if merged.count == 1 && table == nil && block.block % 16 == 0 && block.block <= 256 {
            try call(node, "copy_rows16", k_copy_rows16_run, block)
        } else {
            try call(node, "copy", k_copy_run, block)
        }
    }
}

extension Node {
    /// Refuses tensors whose elements cannot be copied as bytes, or whose types differ.
    func expectSameType(_ a: Tensor, _ b: Tensor) throws(Failure) {
        guard a.type == b.type, a.type != .int4, a.type.bytes(1) > 0 else {
            throw unsupported("any number type but int4, the same for input and output")
        }
    }

    /// Whether two 8-bit tensors stand for other reals with the same bytes.
    func differs(_ a: Tensor, _ b: Tensor) -> Bool {
        guard a.type == .int8 || a.type == .uint8, a.quantization.isPresent, b.quantization.isPresent else { return false }
        return a.quantization.scale != b.quantization.scale || a.quantization.zeroPoint != b.quantization.zeroPoint
    }
}
