import CLinux
import Dispatch

/// Work that is split the same way on every machine, so that sums of parts come out the same.
enum Parallel {
    /// Parts that `count` samples are split into.
    static func parts(_ count: Int) -> Int { min(max(count, 1), 8) }

    /// Calls `body` with each part's number and range, on all cores.
    static func split(_ count: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
        let parts = parts(count)
        if parts == 1 { return body(0, 0..<count) }
        withoutActuallyEscaping(body) { body in
            // Parts write apart from each other.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: parts) { i in
                let mode = linux_flush_denormals()
                defer { linux_restore_denormals(mode) }
                let range = count * i / parts..<count * (i + 1) / parts
                if !range.isEmpty { body(i, range) }
            }
        }
    }
}
