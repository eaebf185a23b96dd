import CTraining
import Foundation

/// A dense block of floats, the last dimension innermost. Images are [samples, height (time), width (frequency), channels].
public final class Tensor {
    public let shape: [Int]
    public let count: Int
    public let base: UnsafeMutablePointer<Float>

    /// Uninitialised.
    public init(_ shape: [Int]) {
        self.shape = shape
        count = shape.reduce(1, *)
        base = Pool.shared.take(count)
    }

    public convenience init(_ shape: [Int], repeating value: Float) {
        self.init(shape)
        base.update(repeating: value, count: count)
    }

    public convenience init(_ shape: [Int], _ values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
        self.init(shape)
        values.withUnsafeBufferPointer { if count > 0 { base.update(from: $0.baseAddress!, count: count) } }
    }

    deinit { Pool.shared.give(base, count) }

    public var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: count) }
    public var array: [Float] { Array(values) }

    public func copy() -> Tensor {
        let other = Tensor(shape)
        Parallel.split(count) { _, range in (other.base + range.lowerBound).update(from: base + range.lowerBound, count: range.count) }
        return other
    }

    static func + (a: Tensor, b: Tensor) -> Tensor {
        let sum = Tensor(a.shape)
        Parallel.split(a.count) { _, range in
            let at = range.lowerBound
            t_add(range.count, a.base + at, b.base + at, sum.base + at)
        }
        return sum
    }

    public func fill(from other: Tensor) {
        precondition(other.count == count)
        base.update(from: other.base, count: count)
    }
}

/// Blocks of floats that were used and will be again: each step of training asks for the same sizes, and fresh
/// pages from the system would cost more than what is computed on them.
private final class Pool: @unchecked Sendable {
    static let shared = Pool()
    private let lock = NSLock()
    private var free: [Int: [UnsafeMutablePointer<Float>]] = [:]

    private func size(_ count: Int) -> Int { count <= 16 ? 16 : (count + 1023) / 1024 * 1024 }

    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let size = size(count)
        lock.lock()
        let block = free[size]?.popLast()
        lock.unlock()
        if let block { return block }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size * 4, alignment: 64)
        return raw.bindMemory(to: Float.self, capacity: size)
    }

    func give(_ block: UnsafeMutablePointer<Float>, _ count: Int) {
        lock.lock()
        free[size(count), default: []].append(block)
        lock.unlock()
    }
}
