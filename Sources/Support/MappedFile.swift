import CLinux

/// A file's bytes for as long as their owner lives: mapped, so that models are used in place, or copied.
public struct MappedFile: ~Copyable {
    public let base: UnsafeRawPointer
    public let count: Int
    private let mapped: Bool

    /// With `copying`, memory of our own: whoever overwrites or cuts the file later does no harm.
    /// Throws `Failure` for a path that is missing, unreadable, not a regular file, or empty.
    public init(_ path: String, copying: Bool = false) throws(Failure) {
        let fd = linux_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard fd >= 0 else { throw .system("\(path)", "check the path") }
        defer { close(fd) }
        var status = stat()
        guard fstat(fd, &status) == 0 else { throw .system("\(path)", "check the path") }
        guard Int32(bitPattern: status.st_mode) & S_IFMT == S_IFREG else {
            throw Failure(.noInput, "\(path)", "not a regular file", "give the path of a file")
        }
        guard status.st_size > 0 else { throw Failure(.data, "\(path)", "the file is empty", "copy it again") }
        let size = Int(status.st_size)
        let p = copying
            ? linux_mmap(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1) : linux_mmap(size, PROT_READ, MAP_PRIVATE, fd)
        guard let p else { throw .system("\(path)", "check the file system") }
        var done = copying ? 0 : size
        while done < size {
            let n = read(fd, p + done, size - done)
            if n < 0 && linux_errno() == EINTR { continue }
            guard n > 0 else {
                let failure = n == 0 ? Failure(.data, "\(path)", "the file is being changed", "try again") : .system("\(path)", "check the file system")
                munmap(p, size)
                throw failure
            }
            done += n
        }
        base = UnsafeRawPointer(p)
        count = size
        mapped = true
    }

    /// Memory that somebody else owns and keeps alive: for tests and fuzzing.
    public init(borrowing bytes: UnsafeRawBufferPointer) {
        base = bytes.baseAddress!
        count = bytes.count
        mapped = false
    }

    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    deinit { if mapped { munmap(UnsafeMutableRawPointer(mutating: base), count) } }
}
