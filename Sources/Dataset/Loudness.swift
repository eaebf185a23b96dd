import CLinux

/// How loud a sound is, and where: by the energy of frames of 10 ms.
public struct Loudness: Sendable {
    /// The largest sample; of recordings, the largest that isn't one of the rarest frames.
    public let peak: Float
    /// The root mean square of what is loud, in samples' units.
    public let level: Float
    /// Samples from the first loud frame to the last: of a clip, the word.
    public let extent: Range<Int>

    private static let frame = Sound.rate / 100

    public init(_ samples: [Int16]) {
        let count = (samples.count + Self.frame - 1) / Self.frame
        var energies = [Float](repeating: 0, count: count)
        var peaks = [Float](repeating: 0, count: count)
        for i in 0..<count {
            let part = samples[(i * Self.frame)..<min((i + 1) * Self.frame, samples.count)]
            var sum: Float = 0, largest: Float = 0
            for sample in part {
                let value = Float(sample)
                sum += value * value
                largest = max(largest, abs(value))
            }
            energies[i] = sum / Float(max(part.count, 1)) + 1
            peaks[i] = largest
        }
        let sorted = energies.sorted()
        // A knock in an hour of speech says nothing of the speech.
        let rare = count > 500 ? count / 50 : 0
        let loudest = sorted.isEmpty ? 1 : sorted[count - 1 - rare]
        peak = max(peaks.sorted().dropLast(rare).last ?? 0, 1)

        let floor = sorted.isEmpty ? 1 : sorted[count / 10]
        // 30 dB below the loudest, or a quarter of the way, in dB, up from a floor that is louder than that.
        let threshold = max(loudest / 1000, min(floor * (loudest / floor).squareRoot().squareRoot(), loudest / 2))
        var first = count, last = -1
        var sum: Float = 0, loud: Float = 0
        for (i, energy) in energies.enumerated() where energy >= threshold {
            first = min(first, i)
            last = i
            sum += min(energy, loudest)
            loud += 1
        }
        level = loud > 0 ? (sum / loud).squareRoot() : 1
        // Soft beginnings and ends of words lie below any threshold: 30 and 60 ms for them.
        let start = max((first - 3) * Self.frame, 0)
        let end = min((last + 7) * Self.frame, samples.count)
        extent = start < end ? start..<end : 0..<samples.count
    }
}
