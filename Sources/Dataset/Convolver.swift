import CLinux

/// Convolution with long responses by Fourier transforms of 16,384 complex points.
///
/// Two blocks of a signal travel as real and imaginary parts: a real response keeps them apart. The forward transform leaves
/// its bins in bit-reversed order, where the inverse one begins and products don't mind.
final class Convolver: @unchecked Sendable {
    static let points = 16384
    /// Of a block of signal, and at most of a response.
    static let block = points / 2

    /// exp(−πik/half) for half = points/2, points/4 … 1, one behind the other.
    private let cosines: [Float], sines: [Float]

    init() {
        var cosines: [Float] = [], sines: [Float] = []
        var half = Self.points / 2
        while half >= 1 {
            for k in 0..<half {
                let angle = -Double.pi * Double(k) / Double(half)
                cosines.append(Float(cos(angle)))
                sines.append(Float(sin(angle)))
            }
            half /= 2
        }
        self.cosines = cosines
        self.sines = sines
    }

    /// A response as `apply` wants it: its transform / points, [2 · points].
    func transformed(_ response: [Float]) -> [Float] {
        precondition(response.count <= Self.block)
        var out = response.map { $0 / Float(Self.points) } + [Float](repeating: 0, count: 2 * Self.points - response.count)
        out.withUnsafeMutableBufferPointer { forward($0.baseAddress!, $0.baseAddress! + Self.points) }
        return out
    }

    /// Replaces `signal` by the beginning of its convolution with a transformed response. `scratch`: [2 · points].
    func apply(_ response: [Float], to signal: UnsafeMutableBufferPointer<Float>, scratch: UnsafeMutablePointer<Float>) {
        guard !signal.isEmpty else { return }
        // From the end on: what rings on from two blocks is added to those behind them, which are done.
        for start in stride(from: (signal.count - 1) / Self.points * Self.points, through: 0, by: -Self.points) {
            apply(response, toBlocksOf: UnsafeMutableBufferPointer(rebasing: signal[start...]), scratch)
        }
    }

    /// The same of the first two blocks alone, added to all behind them.
    private func apply(_ response: [Float], toBlocksOf signal: UnsafeMutableBufferPointer<Float>, _ scratch: UnsafeMutablePointer<Float>) {
        let n = Self.points, block = Self.block, count = min(signal.count, n)
        let re = scratch, im = scratch + n
        scratch.update(repeating: 0, count: 2 * n)
        re.update(from: signal.baseAddress!, count: min(count, block))
        if count > block { im.update(from: signal.baseAddress! + block, count: count - block) }
        forward(re, im)
        response.withUnsafeBufferPointer { response in
            let a = response.baseAddress!, b = a + n
            for k in 0..<n {
                let x = re[k], y = im[k]
                re[k] = x * a[k] - y * b[k]
                im[k] = x * b[k] + y * a[k]
            }
        }
        inverse(re, im)
        for i in 0..<count { signal[i] = re[i] + (i >= block ? im[i - block] : 0) }
        for i in count..<max(min(signal.count, n + block), count) { signal[i] += im[i - block] }
    }

    private typealias Lanes = SIMD8<Float>

    @inline(__always)
    private static func load(_ p: UnsafePointer<Float>) -> Lanes { UnsafeRawPointer(p).loadUnaligned(as: Lanes.self) }

    @inline(__always)
    private static func store(_ x: Lanes, _ p: UnsafeMutablePointer<Float>) { UnsafeMutableRawPointer(p).storeBytes(of: x, as: Lanes.self) }

    /// Radix 2, decimation in frequency.
    private func forward(_ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>) {
        pass { half, c, s in
            for start in stride(from: 0, to: Self.points, by: 2 * half) {
                let lr = re + start, li = im + start, hr = lr + half, hi = li + half
                if half >= Lanes.scalarCount {
                    for k in stride(from: 0, to: half, by: Lanes.scalarCount) {
                        let ar = Self.load(lr + k), ai = Self.load(li + k), br = Self.load(hr + k), bi = Self.load(hi + k)
                        let wr = Self.load(c + k), wi = Self.load(s + k)
                        let dr = ar - br, di = ai - bi
                        Self.store(ar + br, lr + k)
                        Self.store(ai + bi, li + k)
                        Self.store(dr * wr - di * wi, hr + k)
                        Self.store(dr * wi + di * wr, hi + k)
                    }
                } else {
                    for k in 0..<half {
                        let dr = lr[k] - hr[k], di = li[k] - hi[k]
                        lr[k] += hr[k]
                        li[k] += hi[k]
                        hr[k] = dr * c[k] - di * s[k]
                        hi[k] = dr * s[k] + di * c[k]
                    }
                }
            }
        }
    }

    /// Radix 2, decimation in time, with the conjugate turns.
    private func inverse(_ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>) {
        pass(upwards: true) { half, c, s in
            for start in stride(from: 0, to: Self.points, by: 2 * half) {
                let lr = re + start, li = im + start, hr = lr + half, hi = li + half
                if half >= Lanes.scalarCount {
                    for k in stride(from: 0, to: half, by: Lanes.scalarCount) {
                        let ar = Self.load(lr + k), ai = Self.load(li + k), br = Self.load(hr + k), bi = Self.load(hi + k)
                        let wr = Self.load(c + k), wi = Self.load(s + k)
                        let tr = br * wr + bi * wi, ti = bi * wr - br * wi
                        Self.store(ar + tr, lr + k)
                        Self.store(ai + ti, li + k)
                        Self.store(ar - tr, hr + k)
                        Self.store(ai - ti, hi + k)
                    }
                } else {
                    for k in 0..<half {
                        let tr = hr[k] * c[k] + hi[k] * s[k], ti = hi[k] * c[k] - hr[k] * s[k]
                        hr[k] = lr[k] - tr
                        hi[k] = li[k] - ti
                        lr[k] += tr
                        li[k] += ti
                    }
                }
            }
        }
    }

    /// Calls with every half length and its turns, from the largest or from 1.
    @inline(__always)
    private func pass(upwards: Bool = false, _ body: (Int, UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
        cosines.withUnsafeBufferPointer { cosines in
            sines.withUnsafeBufferPointer { sines in
                var half = upwards ? 1 : Self.points / 2
                while half >= 1 && half <= Self.points / 2 {
                    // Those of `half` come behind points/2 + points/4 + … + 2·half.
                    let at = Self.points - 2 * half
                    body(half, cosines.baseAddress! + at, sines.baseAddress! + at)
                    half = upwards ? half * 2 : half / 2
                }
            }
        }
    }
}
