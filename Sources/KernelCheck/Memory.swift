/// Exactly `count` elements, aligned to 16 bytes and never to 32, which is all that the arena promises: an
/// address sanitiser sees every step beyond.
struct Memory<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int) {
        self.count = count
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        base = (UnsafeMutableRawPointer.allocate(byteCount: Self.shift + bytes, alignment: 64) + Self.shift)
            .bindMemory(to: Element.self, capacity: max(count, 1))
    }

    private static var shift: Int { 16 }

    deinit { (UnsafeMutableRawPointer(base) - Self.shift).deallocate() }

    var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(base) }
    var byteCount: Int { count * MemoryLayout<Element>.stride }

    func fill(_ make: () -> Element) { for i in 0..<count { base[i] = make() } }

    /// So that what a kernel leaves unwritten, or reads before it wrote, shows.
    func poison(_ byte: UInt8) { for i in 0..<byteCount { raw.storeBytes(of: byte, toByteOffset: i, as: UInt8.self) } }

    /// The first byte that differs, or nil.
    func firstDifference(_ other: borrowing Memory<Element>) -> Int? {
        for i in 0..<byteCount
        where raw.load(fromByteOffset: i, as: UInt8.self) != other.raw.load(fromByteOffset: i, as: UInt8.self) {
            return i
        }
        return nil
    }
}
