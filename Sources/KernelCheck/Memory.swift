/// Exactly `count` elements, aligned as the arena aligns: an address sanitiser sees every step beyond.
struct Memory<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int) {
        self.count = count
        base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Element>.stride, alignment: 64)
            .bindMemory(to: Element.self, capacity: max(count, 1))
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

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
