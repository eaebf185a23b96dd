import Recordings
import Testing

@testable import Dataset

@Suite struct TempoTests {
    /// Shorter or longer by the factor, at the pitch that it had; and its extent is where it was said.
    @Test(arguments: [0.7, 0.85, 1.15, 1.4]) func aVoiceKeepsItsPitch(factor: Double) {
        let sound = Tone.silence(0.3) + Tone.sine(200, 0.4) + Tone.silence(0.3)
        let (changed, extent) = Tempo.change(sound, about: 4800..<11200, margin: 16000, by: factor)
        #expect(abs(Double(changed.count) - 16000 / factor) < 700)
        #expect(abs(Double(extent.count) - 6400 / factor) < 2)
        // A period at most is said beyond it.
        let loud = changed.loud
        #expect(abs(loud.lowerBound - extent.lowerBound) < 500 && abs(loud.upperBound - extent.upperBound) < 500, "\(loud), \(extent)")
        #expect(abs(changed[(extent.lowerBound + 500)..<(extent.upperBound - 500)].pitch - 200) < 12)
    }

    /// Of a long recording only what is heard is changed.
    @Test func onlyWhatIsHeard() {
        let sound = Tone.sine(150, 20)
        let (changed, extent) = Tempo.change(sound, about: 160_000..<176_000, margin: 8000, by: 0.8)
        #expect(abs(changed.count - 40_000) < 700)
        #expect(extent == 10_000..<30_000)
    }

    /// Nothing to change, or too little, is no reason to fail.
    @Test func silentAndShortSounds() {
        for sound in [[], [1], Tone.silence(0.01), Tone.silence(2)] {
            let (changed, extent) = Tempo.change(sound, about: 0..<sound.count, margin: 100, by: 1.2)
            #expect(abs(Double(changed.count) - Double(sound.count) / 1.2) < 700)
            #expect(extent == 0..<Int(Double(sound.count) / 1.2))
        }
    }

    /// The end of a window that reaches beyond a short recording stays the end of a window.
    @Test func beyondTheEnd() {
        #expect(Tempo.change(Tone.sine(150, 0.5), about: 0..<16_000, margin: 100, by: 0.8).extent == 0..<20_000)
    }
}
