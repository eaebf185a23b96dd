/// Work that is split the same way on every machine, so that sums of parts come out the same.
enum Parallel {
    /// Parts that `count` samples are split into.
    static func parts(_ count: Int) -> Int { min(max(count, 1), 8) }

    /// Calls `body` with each part's number and range, on all cores.
    static func split(_ count: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
        let parts = parts(count)
        if parts == 1 { return body(0, 0..<count) }
        Team.shared.share(parts) { part in
            let range = count * part / parts..<count * (part + 1) / parts
            if !range.isEmpty { body(part, range) }
        }
    }
}
