import CLinux

extension Sound {
    /// `clip` with a stretch of `noise` behind it, at a signal-to-noise ratio in dB: that of the root mean square of what is loud in
    /// the clip to that of the stretch. Where the stretch begins follows from `seed`; a short one is repeated. `level` is the
    /// loudness, where the clip has more in it than what counts.
    public static func mix(_ clip: [Int16], _ noise: [Int16], snr: Double, seed: UInt64, level: Float? = nil) -> [Int16] {
        guard !noise.isEmpty, !clip.isEmpty else { return clip }
        var generator = Generator(seed, 0, 0)
        var stretch = [Float](repeating: 0, count: clip.count)
        let start = generator.index(max(noise.count - clip.count, 0) + 1)
        for i in stretch.indices { stretch[i] = Float(noise[(start + i) % noise.count]) }
        let rms = stretch.withUnsafeMutableBufferPointer { rootMeanSquare($0) }
        guard rms > 0 else { return clip }
        let gain = (level ?? Loudness(clip).level) * Float(pow(10, -snr / 20)) / rms
        return zip(clip, stretch).map { sample(Float($0) + gain * $1) }
    }

    /// The nearest, clamped. `rounded()` is a call on x86-64.
    @inline(__always)
    static func sample(_ value: Float) -> Int16 {
        let near = min(max(value, -32768), 32767)
        return Int16(truncatingIfNeeded: Int32(near + (near < 0 ? -0.5 : 0.5)))
    }

    static func rootMeanSquare(_ x: UnsafeMutableBufferPointer<Float>) -> Float {
        var sums = SIMD8<Float>()
        var i = 0
        while i + 8 <= x.count {
            let v = UnsafeRawPointer(x.baseAddress! + i).loadUnaligned(as: SIMD8<Float>.self)
            sums += v * v
            i += 8
        }
        var sum = sums.sum()
        while i < x.count {
            sum += x[i] * x[i]
            i += 1
        }
        return x.isEmpty ? 0 : (sum / Float(x.count)).squareRoot()
    }
}
