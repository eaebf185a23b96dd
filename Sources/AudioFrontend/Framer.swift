import Support

/// Cuts a stream of samples into overlapping windows: the next `hop` samples after each.
struct Framer: ~Copyable {
    let window: Int
    let hop: Int
    private let buffer: UnsafeMutablePointer<Int16>
    private var count = 0

    /// `hop` lies in 1…`window`.
    init(window: Int, hop: Int) {
        self.window = window
        self.hop = hop
        buffer = .allocate(capacity: window)
    }

    deinit { buffer.deallocate() }

    /// Takes samples from the front of `samples`, no more than it needs. Returns the window's `window`
    /// samples as soon as they are complete; they stand until the next call.
    mutating func feed(_ samples: inout UnsafeBufferPointer<Int16>) -> UnsafePointer<Int16>? {
        if count == window {
            // Only now, so that the caller may still read the last window.
            buffer.copy(from: buffer + hop, count: window - hop)
            count -= hop
        }
        let taken = min(window - count, samples.count)
        guard taken > 0, let from = samples.baseAddress else { return nil }
        (buffer + count).copy(from: from, count: taken)
        count += taken
        samples = UnsafeBufferPointer(start: from + taken, count: samples.count - taken)
        return count == window ? UnsafePointer(buffer) : nil
    }

    mutating func reset() { count = 0 }
}
