import CLinux

/// Synthetic rooms: a direct sound, a few early reflections, and noise that decays exponentially and loses its high
/// frequencies on the way (Moorer 1979). Made once from a seed.
struct Rooms: Sendable {
    let convolver = Convolver()
    /// Transformed responses of unit energy.
    let responses: [[Float]]

    init(count: Int = 48, rt60: ClosedRange<Double>, seed: UInt64) {
        var responses: [[Float]] = []
        for i in 0..<count {
            var generator = Generator(seed ^ 0x726F_6F6D, 0, i)
            responses.append(convolver.transformed(Self.response(rt60: generator.between(rt60.lowerBound, rt60.upperBound), &generator)))
        }
        self.responses = responses
    }

    static func response(rt60: Double, _ generator: inout Generator) -> [Float] {
        let rate = Double(Sound.rate)
        // To −45 dB: what follows is below any noise that is mixed in.
        let count = min(Int(0.75 * rt60 * rate), Convolver.block)
        let onset = Int(generator.between(0.002, 0.006) * rate)
        let decay = -log(1000) / (rt60 * rate)
        var tail = [Double](repeating: 0, count: count)
        var low = 0.0
        let smoothing = generator.between(0.3, 0.8)
        for i in onset..<max(count, onset) {
            // The sum of three even draws is near enough to a normal one.
            let white = generator.between(-1, 1) + generator.between(-1, 1) + generator.between(-1, 1)
            low += smoothing * (white - low)
            tail[i] = low * exp(decay * Double(i))
        }
        for _ in 0..<6 {
            let at = Int(generator.between(0.002, 0.03) * rate)
            if at < count { tail[at] += generator.between(-3, 3) * exp(2 * decay * Double(at)) }
        }
        let energy = tail.reduce(0) { $0 + $1 * $1 }
        // Of the direct sound over all others, dB: from across the room to near by.
        let ratio = generator.between(-3, 12)
        let scale = energy > 0 ? (pow(10, -ratio / 10) / energy).squareRoot() : 0
        let whole = (1 + energy * scale * scale).squareRoot()
        var response = tail.map { Float($0 * scale / whole) }
        response[0] += Float(1 / whole)
        return response
    }
}
