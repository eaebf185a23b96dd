import Support

/// Bounds-checked reading of a FlatBuffer (little-endian, offsets relative to where they stand;
/// https://flatbuffers.dev/internals). Nothing is copied and nothing in the file is trusted: every
/// read outside of it throws.
public struct FlatBuffer: Sendable {
    nonisolated(unsafe) public let base: UnsafeRawPointer
    public let count: Int

    public init(_ bytes: UnsafeRawBufferPointer) {
        base = bytes.baseAddress!
        count = bytes.count
    }

    @inline(never)
    static func damaged(at offset: Int) -> Failure {
        Failure(.data, "offset \(offset)", "points outside of the file", "the model is truncated or damaged: copy or export it again")
    }

    @inline(never)
    func check(_ offset: Int, _ bytes: Int) throws(Failure) {
        guard offset >= 0, bytes >= 0, offset <= count, bytes <= count - offset else { throw Self.damaged(at: offset) }
    }

    func load<T: BitwiseCopyable>(_ offset: Int, as type: T.Type) throws(Failure) -> T {
        try check(offset, MemoryLayout<T>.size)
        return base.loadUnaligned(fromByteOffset: offset, as: type)
    }

    /// A 32-bit offset or count, which is never more than the file has bytes.
    @inline(never)
    func size(_ offset: Int) throws(Failure) -> Int {
        let value = try load(offset, as: UInt32.self)
        guard value <= UInt32(clamping: count) else { throw Self.damaged(at: offset) }
        return Int(value)
    }

    /// The position that the 32-bit offset at `offset` points to.
    func follow(_ offset: Int) throws(Failure) -> Int {
        let target = offset + (try size(offset))
        try check(target, 4)
        return target
    }

    public func root() throws(Failure) -> Table { try Table(self, at: try follow(0)) }
}

/// How many elements of vectors may still be looked at. A few damaged bytes can make thousands of tables
/// point at one large vector; in a sound file each stands once, and takes four bytes or more.
struct Budget {
    private var left: Int

    init(_ file: FlatBuffer) { left = file.count }

    mutating func spend(_ elements: Int, at offset: Int) throws(Failure) {
        guard elements <= left else { throw FlatBuffer.damaged(at: offset) }
        left -= elements
    }
}

/// A table: fields found by their number through a vtable.
public struct Table: Sendable {
    let buffer: FlatBuffer
    let position: Int
    private let vtable: Int
    private let fields: Int

    init(_ buffer: FlatBuffer, at position: Int) throws(Failure) {
        self.buffer = buffer
        self.position = position
        vtable = position - Int(try buffer.load(position, as: Int32.self))
        let size = Int(try buffer.load(vtable, as: UInt16.self))
        try buffer.check(vtable, max(size, 4))
        fields = (size - 4) / 2
    }

    /// Where field `id` stands, nil if it is absent (and has its default).
    @inline(never)
    private func offset(_ id: Int) throws(Failure) -> Int? {
        guard id < fields else { return nil }
        let relative = Int(try buffer.load(vtable + 4 + 2 * id, as: UInt16.self))
        return relative == 0 ? nil : position + relative
    }

    /// A scalar field, or its default.
    public func scalar<T: BitwiseCopyable>(_ id: Int, _ missing: T) throws(Failure) -> T {
        guard let at = try offset(id) else { return missing }
        return try buffer.load(at, as: T.self)
    }

    public func flag(_ id: Int) throws(Failure) -> Bool { try scalar(id, UInt8(0)) != 0 }

    public func table(_ id: Int) throws(Failure) -> Table? {
        guard let at = try offset(id) else { return nil }
        return try Table(buffer, at: try buffer.follow(at))
    }

    /// A vector field; empty if it is absent.
    public func vector<T: BitwiseCopyable>(_ id: Int, of type: T.Type) throws(Failure) -> FlatVector<T> {
        guard let at = try offset(id) else { return FlatVector(buffer, at: 0, count: 0) }
        let start = try buffer.follow(at)
        let count = try buffer.size(start)
        guard count <= buffer.count / MemoryLayout<T>.size else { throw FlatBuffer.damaged(at: start) }
        try buffer.check(start + 4, count * MemoryLayout<T>.size)
        return FlatVector(buffer, at: start + 4, count: count)
    }

    public func tables(_ id: Int) throws(Failure) -> FlatVector<UInt32> { try vector(id, of: UInt32.self) }

    /// A string field's bytes; empty if it is absent.
    public func text(_ id: Int) throws(Failure) -> FlatVector<UInt8> { try vector(id, of: UInt8.self) }
}

/// A vector of scalars, or of offsets to tables. Its bytes are within the file: that was checked.
public struct FlatVector<Element: BitwiseCopyable>: Sendable {
    private let buffer: FlatBuffer
    /// Byte offset of the first element in the file.
    public let start: Int
    public let count: Int

    init(_ buffer: FlatBuffer, at start: Int, count: Int) {
        self.buffer = buffer
        self.start = start
        self.count = count
    }

    /// Element `i`, which must be less than `count`.
    public subscript(i: Int) -> Element {
        precondition(i >= 0 && i < count)
        return buffer.base.loadUnaligned(fromByteOffset: start + i * MemoryLayout<Element>.size, as: Element.self)
    }

    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffer.base + start, count: count * MemoryLayout<Element>.size)
    }
}

extension FlatVector where Element == UInt32 {
    /// Table `i` of a vector of tables.
    public func table(_ i: Int) throws(Failure) -> Table {
        try Table(buffer, at: try buffer.follow(start + 4 * i))
    }
}

extension FlatVector where Element == UInt8 {
    /// As text; what is not UTF-8 is repaired, control characters are dropped: names get printed.
    public var string: String {
        var clean: [UInt8] = []
        clean.reserveCapacity(count)
        for i in 0..<count where self[i] >= 32 && self[i] != 127 { clean.append(self[i]) }
        return String(decoding: clean, as: UTF8.self)
    }
}
