import CLinux

/// What came of asking somebody to say a word: judged, and cut to one second about the word.
public enum Take: Sendable, Equatable {
    case good([Int16])
    /// Why it should be said again.
    case again(String)

    /// Of `sound`, in which the word should be somewhere.
    public init(_ sound: [Int16], samples: Int = Sound.rate) {
        let loudness = Loudness(sound)
        let dBFS = 20 * log10(Double(loudness.peak) / 32768)
        if dBFS < -36 {
            self = .again("too quiet (\(Int(dBFS)) dBFS): come closer, or turn the microphone up")
            return
        }
        let clipped = sound.count { $0 == .max || $0 == .min }
        if clipped > 8 {
            self = .again("too loud: \(clipped) samples are clipped; go back a little, or turn the microphone down")
            return
        }
        let extent = loudness.extent
        // Room noise alone has no part that stands out.
        if extent.count > samples * 3 / 2 {
            self = .again("no word stands out from the noise, or it was too long for \(samples / Sound.rate) s")
            return
        }
        if extent.lowerBound == 0 || extent.upperBound == sound.count {
            self = .again(extent.lowerBound == 0 ? "said too early: wait for the prompt" : "said too late: its end is missing")
            return
        }
        let middle = (extent.lowerBound + extent.upperBound) / 2
        let start = min(max(middle - samples / 2, 0), max(sound.count - samples, 0))
        self = .good(EvaluationSet.window(Array(sound[start..<min(start + samples, sound.count)]), samples))
    }
}
