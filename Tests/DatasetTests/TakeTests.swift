import Recordings
import Testing

@testable import Dataset

struct TakeTests {
    private func word(_ at: Double, _ amplitude: Double, of seconds: Double = 2) -> [Int16] {
        let sound = Tone.noise(at, 0.003, seed: 2) + Tone.sine(500, 0.4, min(amplitude, 1)).map { Int16(clamping: Int(Double($0) * max(amplitude, 1))) }
        return sound + Tone.noise(seconds - at - 0.4, 0.003, seed: 3)
    }

    @Test(arguments: [0.3, 0.8, 1.3]) func aGoodOneIsCutAboutTheWord(_ at: Double) {
        guard case .good(let clip) = Take(word(at, 0.3)) else {
            Issue.record("was refused: \(Take(word(at, 0.3)))")
            return
        }
        #expect(clip.count == 16_000)
        let loud = clip.indices.filter { abs(Int(clip[$0])) > 3000 }
        #expect((6200...6500).contains(loud.last! - loud.first!))
        if at == 0.8 { #expect(abs((loud.first! + loud.last!) / 2 - 8000) < 600) }
    }

    @Test func others() {
        func why(_ sound: [Int16]) -> String { if case .again(let why) = Take(sound) { why } else { "good" } }
        #expect(why(word(0.8, 0.005)).hasPrefix("too quiet"))
        #expect(why(word(0.8, 1.5)).hasPrefix("too loud"))
        #expect(why(Tone.noise(2, 0.1)).hasPrefix("no word stands out"))
        #expect(why(word(0, 0.3)).hasPrefix("said too early"))
        #expect(why(word(1.6, 0.3)).hasPrefix("said too late"))
    }
}
