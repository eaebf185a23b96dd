import CLinux

/// A file mapped read-only for as long as its owner lives: models are used in place, never copied.
public struct MappedFile: ~Copyable {
    public let base: UnsafeRawPointer
    public let count: Int
    private let mapped: Bool

    /// Throws `Failure` for a path that is missing, unreadable, not a regular file, or empty.
    public init(_ path: String) throws(Failure) {
        let fd = linux_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard fd >= 0 else { throw .system("\(path)", "check the path") }
        defer { close(fd) }
        var status = stat()
        guard fstat(fd, &status) == 0 else { throw .system("\(path)", "check the path") }
        guard Int32(bitPattern: status.st_mode) & S_IFMT == S_IFREG else {
            throw Failure(.noInput, "\(path)", "not a regular file", "give the path of a file")
        }
        guard status.st_size > 0 else { throw Failure(.data, "\(path)", "the file is empty", "copy it again") }
        guard let p = linux_mmap(Int(status.st_size), PROT_READ, MAP_PRIVATE, fd) else {
            throw .system("\(path)", "check the file system")
        }
        base = UnsafeRawPointer(p)
        count = Int(status.st_size)
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
