import ModelFormat
import Support

/// One element of a tensor as a number: the integer that is stored, or the float.
func element(_ bytes: UnsafeRawPointer, _ i: Int, _ type: ElementType) -> Double {
    switch type {
    case .float32: Double(bytes.loadUnaligned(fromByteOffset: 4 * i, as: Float.self))
    case .int8: Double(bytes.loadUnaligned(fromByteOffset: i, as: Int8.self))
    case .uint8, .bool: Double(bytes.loadUnaligned(fromByteOffset: i, as: UInt8.self))
    case .int16: Double(bytes.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self))
    case .int32: Double(bytes.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
    case .int64: Double(bytes.loadUnaligned(fromByteOffset: 8 * i, as: Int64.self))
    default: 0
    }
}

/// The real number that an element stands for.
func real(_ bytes: UnsafeRawPointer, _ i: Int, _ tensor: Tensor) -> Double {
    let stored = element(bytes, i, tensor.type)
    guard tensor.type != .float32, tensor.quantization.isPresent else { return stored }
    return (stored - Double(tensor.quantization.zeroPoint)) * Double(tensor.quantization.scale)
}

/// The generator that random inputs come from (a 32-bit linear congruential one, high 24 bits): a seed
/// gives the same inputs on every machine.
struct InputGenerator {
    private var state: UInt32

    init(seed: UInt32) { state = seed }

    private mutating func next() -> UInt32 {
        state = state &* 1_664_525 &+ 1_013_904_223
        return state >> 8
    }

    /// Floats in 0 ..< 1 with 16 bits; integers with random bytes.
    mutating func fill(_ bytes: UnsafeMutableRawBufferPointer, _ type: ElementType) {
        if type == .float32 {
            for i in 0..<bytes.count / 4 {
                bytes.storeBytes(of: Float(next() & 0xFFFF) / 65536, toByteOffset: 4 * i, as: Float.self)
            }
        } else {
            for i in 0..<bytes.count { bytes[i] = UInt8(next() & 255) }
        }
    }
}
