import Support
import Testing

@testable import KeywordSpotting

@Suite struct TalkBeforeTests {
    /// At every inference the mean of those that are as old as they should be, as far as there are any.
    @Test(arguments: [10, 80, 300, 5000]) func meansOfWhatIsOldEnough(period: Int) {
        let gap = max(1120 / period, 1), span = max(1920 / period, 1)
        var talk = TalkBefore(period: period)
        for _ in 0..<2 {
            var scores: [Int32] = []
            for i in 0..<400 {
                scores.append(Int32(i * 37 % 256))
                talk.append(scores[i])
                let old = scores.dropLast(gap).suffix(span)
                let mean = old.isEmpty ? 0 : Double(old.reduce(0, +)) / 256 / Double(old.count)
                #expect(abs(talk.mean(scale: 1.0 / 256) - mean) < 1e-12)
            }
            talk.reset()
            #expect(talk.mean(scale: 1) == 0)
        }
    }

    /// Amid talk a word needs a higher score, and is heard again only below that.
    @Test func raisesCutoffs() throws {
        let text = #"{"type":"commands","version":1,"model":"m.tflite","classes":["_silence_","_unknown_","on"],"feature_step_size":20,"hop":4,"#
            + #""sliding_window_size":4,"probability_cutoff":0.5,"talk_weight":0.4}"#
        let bytes = Array(text.utf8)
        let manifest = try bytes.withUnsafeBytes { bytes throws(Failure) in try Manifest(MappedFile(borrowing: bytes), path: "words.json") }
        #expect(manifest.talkWeight == 0.4 && manifest.unknown == 1)
        func isHeard(_ score: Double, talk: Double) -> Bool {
            var decision = Decision(manifest)
            return decision(after: 4, largest: 2, talk: talk) { $0 == 2 ? score : 0 } != nil
        }
        #expect(isHeard(0.51, talk: 0) && !isHeard(0.49, talk: 0))
        #expect(isHeard(0.71, talk: 0.5) && !isHeard(0.69, talk: 0.5))
        #expect(isHeard(0.91, talk: 1) && !isHeard(0.89, talk: 1))
    }
}
