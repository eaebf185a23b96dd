/// How one sample is stored, in a file or by a device; little-endian.
enum SampleEncoding {
    case unsigned8, signed16, signed24, signed32, float32
    /// 24 bits in the low bytes of 32.
    case padded24

    var bytes: Int {
        switch self {
        case .unsigned8: 1
        case .signed16: 2
        case .signed24: 3
        case .signed32, .float32, .padded24: 4
        }
    }

    /// Each sample of `bytes` to the nearest int16; what is out of range is clamped, NaN is silence.
    func convert(_ bytes: UnsafeRawBufferPointer, to out: UnsafeMutableBufferPointer<Int16>) {
        switch self {
        case .unsigned8:
            for i in out.indices { out[i] = (Int16(bytes[i]) - 128) << 8 }
        case .signed16:
            // As every machine that we run on holds them.
            UnsafeMutableRawBufferPointer(out).copyMemory(from: bytes)
        case .signed24:
            for i in out.indices {
                let low = UInt32(bytes[3 * i]) | UInt32(bytes[3 * i + 1]) << 8
                out[i] = narrow(low << 8 | UInt32(bytes[3 * i + 2]) << 24)
            }
        case .padded24:
            for i in out.indices { out[i] = narrow(bytes.u32(4 * i) << 8) }
        case .signed32:
            for i in out.indices { out[i] = narrow(bytes.u32(4 * i)) }
        case .float32:
            for i in out.indices {
                let x = Float(bitPattern: bytes.u32(4 * i)) * 32768
                out[i] = x.isNaN ? 0 : Int16(min(max(x, -32768), 32767).rounded())
            }
        }
    }
}

private func narrow(_ sample: UInt32) -> Int16 { Int16(min((Int(Int32(bitPattern: sample)) + 0x8000) >> 16, 32767)) }
