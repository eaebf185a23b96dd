import AudioFrontend
import Support

/// Brings sounds to 16 kHz. A rate's filter takes longer to make than a word to convert, so each is kept: one converter for
/// all that a thread reads.
final class RateConverter {
    private final class Kept {
        var resampler: Resampler
        init(_ resampler: consuming Resampler) { self.resampler = resampler }
    }
    private var kept: [Int: Kept] = [:]

    /// The same sound at 16 kHz; throws `Failure` for a rate, Hz, that no sound card has.
    func convert(_ samples: [Int16], from: Int) throws(Failure) -> [Int16] {
        if kept[from] == nil { kept[from] = Kept(try Resampler(from: from)) }
        let converter = kept[from]!
        converter.resampler.reset()
        let padded = samples + [Int16](repeating: 0, count: converter.resampler.delay)
        var out = [Int16](repeating: 0, count: samples.count * Sound.rate / from)
        padded.withUnsafeBufferPointer { input in
            out.withUnsafeMutableBufferPointer { output in
                var consumed = 0
                _ = converter.resampler.process(input: input, consumed: &consumed, output: output)
            }
        }
        return out
    }
}
