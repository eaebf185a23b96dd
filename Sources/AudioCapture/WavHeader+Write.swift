/// The header of a RIFF/WAVE file of int16 mono sound, as `WavHeader` reads it.
func writeWavHeader(to bytes: UnsafeMutableRawPointer, rate: Int, samples: Int) {
    func put(_ value: UInt32, at offset: Int) { bytes.storeBytes(of: value, toByteOffset: offset, as: UInt32.self) }
    put(fourCC("RIFF"), at: 0)
    put(UInt32(wavHeaderBytes - 8 + 2 * samples), at: 4)
    put(fourCC("WAVE"), at: 8)
    put(fourCC("fmt "), at: 12)
    put(16, at: 16)
    put(1 | 1 << 16, at: 20)  // PCM, one channel
    put(UInt32(rate), at: 24)
    put(UInt32(2 * rate), at: 28)
    put(2 | 16 << 16, at: 32)  // bytes a frame, bits a sample
    put(fourCC("data"), at: 36)
    put(UInt32(2 * samples), at: 40)
}

let wavHeaderBytes = 44
