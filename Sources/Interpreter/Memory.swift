import CLinux
import Support

/// The one mmap that a model runs in: the arena (variables, then activations), and after it what
/// `prepare` makes: parameter blocks and packed weights. Address space is reserved first, since packed
/// sizes are known only by packing; what was not needed is given back, so the bytes are exact.
struct Memory: ~Copyable {
    let base: UnsafeMutableRawPointer
    private(set) var reserved: Int
    /// Bytes handed out so far.
    private(set) var used = 0

    static let alignment = 64

    init(reserving bytes: Int) throws(Failure) {
        reserved = max(bytes, 1)
        guard
            let p = linux_mmap(
                reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1)
        else { throw .system("memory for the model (\(bytes) bytes)", "use a smaller model or free memory") }
        base = p
    }

    /// The next `bytes`, zeroed.
    mutating func allocate(_ bytes: Int, alignment: Int = 16) throws(Failure) -> UnsafeMutableRawPointer {
        let start = (used + alignment - 1) / alignment * alignment
        guard bytes >= 0, bytes <= reserved - start else {
            throw Failure(.data, "the model", "needs more memory to prepare than its size suggests", "report this model as a bug")
        }
        used = start + bytes
        return base + start
    }

    /// Takes back `start`, which was handed out last.
    mutating func release(from start: UnsafeMutableRawPointer) {
        memset(start, 0, base + used - start)
        used = start - base
    }

    /// Gives back what was not used.
    mutating func trim() {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let keep = max((used + page - 1) / page * page, page)
        let end = (reserved + page - 1) / page * page
        if keep < end {
            munmap(base + keep, end - keep)
            reserved = keep
        }
    }

    deinit { munmap(base, reserved) }
}
