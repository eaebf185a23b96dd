extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
    /// Copies `count` elements that may overlap these. `update(from:count:)` goes element by element in
    /// Embedded Swift, twelve instructions each; this is memmove everywhere.
    @inline(__always)
    public func copy(from source: UnsafePointer<Pointee>, count: Int) {
        UnsafeMutableRawPointer(self).copyMemory(from: source, byteCount: count * MemoryLayout<Pointee>.stride)
    }
}
