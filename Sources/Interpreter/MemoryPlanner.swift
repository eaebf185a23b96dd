/// Where buffers with known lifetimes stand in an arena: greedy by size (Pisarchyk and Lee, "Efficient
/// Memory Management for Deep Neural Net Inference", 2020, §4.2): the largest first, each at the lowest
/// offset where it overlaps nobody who lives at the same time.
enum MemoryPlanner {
    struct Buffer {
        /// Bytes.
        var size: Int
        /// The first and last step that it is needed at, both included.
        var first: Int
        var last: Int
        var offset = 0
    }

    /// Bytes between buffers that are kept apart.
    static let isolation = 64

    /// Sets every buffer's offset, a multiple of `alignment`, with at least `gap` bytes behind each; returns
    /// the bytes of the arena.
    static func plan(_ buffers: inout [Buffer], alignment: Int = 16, gap: Int = 0) -> Int {
        // A stable insertion sort: models have tens of buffers, and the result must not depend on luck.
        var order: [Int] = []
        for i in 0..<buffers.count where buffers[i].size > 0 {
            var at = order.count
            while at > 0 && buffers[order[at - 1]].size < buffers[i].size { at -= 1 }
            order.insert(i, at: at)
        }

        var placed: [Int] = []  // by offset
        var total = 0
        for i in order {
            var offset = 0
            for j in placed where buffers[j].first <= buffers[i].last && buffers[i].first <= buffers[j].last {
                if offset + buffers[i].size + gap <= buffers[j].offset { break }
                let end = (buffers[j].offset + buffers[j].size + gap + alignment - 1) / alignment * alignment
                offset = max(offset, end)
            }
            buffers[i].offset = offset
            total = max(total, offset + buffers[i].size + gap)
            var at = placed.count
            while at > 0 && buffers[placed[at - 1]].offset > offset { at -= 1 }
            placed.insert(i, at: at)
        }
        return total
    }
}
