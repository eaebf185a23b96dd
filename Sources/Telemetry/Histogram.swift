/// How often a time fell below each of a few fixed bounds. Allocates nothing after `init`.
public struct Histogram: ~Copyable {
    /// Upper bounds, µs.
    public static let bounds = [500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000]

    private let counts = UnsafeMutableBufferPointer<Int>.allocate(capacity: Histogram.bounds.count)
    public private(set) var count = 0
    /// ns.
    public private(set) var sum: Int64 = 0

    public init() { counts.initialize(repeating: 0) }
    deinit { counts.deallocate() }

    public mutating func add(_ nanoseconds: Int64) {
        count += 1
        sum += nanoseconds
        // Cumulative, as Prometheus wants them.
        for (i, bound) in Histogram.bounds.enumerated() where nanoseconds <= Int64(bound) * 1000 { counts[i] += 1 }
    }

    /// Times that were at most `bounds[bound]`.
    public subscript(bound: Int) -> Int { counts[bound] }
}
