/// libFuzzer's own mutations: they also change the length.
@_extern(c, "LLVMFuzzerMutate")
func LLVMFuzzerMutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ capacity: Int) -> Int

/// The values that lengths, offsets, dimensions, scales and enumerations go wrong with.
private let interesting: [UInt32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 32, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0xFF_FFFF, 0x100_0000,
    0x3FFF_FFFF, 0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFC,
    // float: the least, the least normal, 1, −1, 10^−20, 10^20, the largest, ∞, NaN
    0x0000_0001, 0x0080_0000, 0x3F80_0000, 0xBF80_0000, 0x1E3C_E508, 0x60AD_78EC, 0x7F7F_FFFF, 0x7F80_0000, 0x7FC0_0000,
]

/// A FlatBuffer is offsets: what moves bytes destroys it at once. So three of four times words are
/// changed where they stand, and the file stays readable enough to get deep.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ capacity: Int, _ seed: UInt32) -> Int {
    var state = seed &* 2_654_435_761 | 1
    func random(_ n: Int) -> Int {
        state ^= state << 13
        state ^= state >> 17
        state ^= state << 5
        return Int(state) % n
    }
    guard size >= 16, random(4) != 0 else { return LLVMFuzzerMutate(data, size, capacity) }
    let bytes = UnsafeMutableRawBufferPointer(start: data, count: size)
    for _ in 0...random(3) {
        let at = 4 * random(size / 4)
        let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
        let other = 4 * random(size / 4)
        switch random(8) {
        case 0: bytes.storeBytes(of: interesting[random(interesting.count)], toByteOffset: at, as: UInt32.self)
        case 1: bytes.storeBytes(of: UInt32(random(16)), toByteOffset: at, as: UInt32.self)
        case 2: bytes.storeBytes(of: word &+ UInt32(truncatingIfNeeded: random(9) - 4), toByteOffset: at, as: UInt32.self)
        case 3: bytes.storeBytes(of: word ^ 1 << UInt32(random(32)), toByteOffset: at, as: UInt32.self)
        case 4: bytes.storeBytes(of: bytes.loadUnaligned(fromByteOffset: other, as: UInt32.self), toByteOffset: at, as: UInt32.self)
        case 5:
            bytes.storeBytes(of: bytes.loadUnaligned(fromByteOffset: other, as: UInt32.self), toByteOffset: at, as: UInt32.self)
            bytes.storeBytes(of: word, toByteOffset: other, as: UInt32.self)
        case 6: bytes[at + random(4)] = UInt8(random(20))
        default: bytes[random(size)] = UInt8(random(256))
        }
    }
    return size
}
