import AudioFrontend
import CLinux
import GoldenFiles
import Interpreter
import KeywordSpotting
import ModelFormat
import Support
import Testing

/// A model of two words: "on" is energy in low channels in the newer half of a window of 49 frames, "off" in high ones; the older
/// half changes scores a little (Tests/Fuzz/make_seeds.py).
@Suite struct SpotterTests {
    private static let model = Golden.checkout + "/Tests/Fuzz/corpus/model/commands.tflite"
    private static let classes = ["_silence_", "_unknown_", "on", "off"]

    private func manifest(hop: Int = 4, window: Int = 4, cutoff: Double = 0.8, cutoffs: String = "") throws -> Manifest {
        let text = #"{"type":"commands","version":1,"model":"\#(Self.model)","classes":["_silence_","_unknown_","on","off"],"#
            + #""feature_step_size":20,"hop":\#(hop),"sliding_window_size":\#(window),"probability_cutoff":\#(cutoff),"cutoffs":{\#(cutoffs)}}"#
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBytes { bytes throws(Failure) in try Manifest(MappedFile(borrowing: bytes), path: "words.json") }
    }

    /// One frame: energy in low channels, in high ones, or in none.
    private static let low = (0..<40).map { UInt16((2..<6).contains($0) ? 500 : 0) }
    private static let high = (0..<40).map { UInt16((30..<34).contains($0) ? 500 : 0) }
    private static let silence = [UInt16](repeating: 0, count: 40)

    /// Frames at which words are heard.
    private func hear(_ spotter: Spotter, _ frames: [[UInt16]]) -> [(word: String, frame: Int)] {
        var heard: [(String, Int)] = []
        for (i, frame) in frames.enumerated() {
            if let word = frame.withUnsafeBufferPointer({ spotter.hear($0) }) { heard.append((spotter.manifest.words[word].identifier, i)) }
        }
        return heard
    }

    private func frames(_ parts: ([UInt16], Int)...) -> [[UInt16]] {
        parts.flatMap { [[UInt16]](repeating: $0.0, count: $0.1) }
    }

    /// At every frame the scores are those of an interpreter that is given the newest 49 frames, quantised anew, averaged.
    @Test(arguments: [(1, 1), (4, 4), (7, 3), (49, 2), (60, 1)])
    func scoresAreThoseOfTheNewestFrames(hop: Int, window: Int) throws {
        let spotter = try Spotter(manifest(hop: hop, window: window))
        let oracle = try Interpreter(Model(path: Self.model, copying: true))
        let input = oracle.inputs[0].bytes, output = oracle.outputs[0].bytes
        let quantizer = try FeatureQuantizer(scale: 0.1015625, zeroPoint: -128, saturates: true)
        var random = Noise()
        // Twice: behind a reset all is as at first.
        for _ in 0..<2 {
            var frames: [[UInt16]] = []
            var scores: [[Double]] = []
            for count in 1...400 {
                // Beyond what an int8 holds, too.
                let loud = UInt16.random(in: 100...1500, using: &random)
                frames.append((0..<40).map { _ in UInt16.random(in: 0...loud, using: &random) })
                frames[count - 1].withUnsafeBufferPointer { _ = spotter.hear($0) }
                if count >= 49 && (count - 49) % hop == 0 {
                    for (i, value) in frames.suffix(49).joined().enumerated() { input[i] = UInt8(bitPattern: quantizer(value)) }
                    oracle.invoke()
                    scores.append([2, 3].map { (Double(Int8(bitPattern: output[$0])) + 128) / 256 })
                }
                for word in 0..<2 {
                    let last = scores.suffix(window)
                    let mean = last.count < window ? 0 : last.reduce(0) { $0 + $1[word] } / Double(window)
                    #expect(spotter.score(of: word) == mean, "frame \(count)")
                }
            }
            #expect(scores.contains { $0[0] != scores[0][0] })
            spotter.reset()
        }
    }

    /// 49 frames and three more inferences: no sooner.
    @Test func aFullWindowIsNeeded() throws {
        let spotter = try Spotter(manifest())
        let heard = hear(spotter, frames((Self.low, 200)))
        #expect(heard.map(\.word) == ["on"] && heard[0].frame == 49 + 3 * 4 - 1)
        spotter.reset()
        #expect(hear(spotter, frames((Self.low, 60))).isEmpty)
        spotter.reset()
        #expect(hear(spotter, frames((Self.low, 61))).count == 1)
    }

    @Test func aWordIsHeardOnce() throws {
        let spotter = try Spotter(manifest(), refractory: 1000)
        #expect(hear(spotter, frames((Self.silence, 60), (Self.low, 300))).map(\.word) == ["on"])
        // As soon as it was silent for long enough, again.
        #expect(hear(spotter, frames((Self.silence, 60), (Self.low, 300))).map(\.word) == ["on"])
        #expect(hear(spotter, frames((Self.silence, 60), (Self.high, 300), (Self.silence, 60), (Self.low, 60))).map(\.word) == ["off", "on"])
    }

    /// Another word within the refractory time is heard at its end, if it lasts so long.
    @Test func refractoryTimeIsTheModels() throws {
        func heard(_ refractory: Int, _ parts: ([UInt16], Int)...) throws -> [(word: String, frame: Int)] {
            let sound = parts.flatMap { [[UInt16]](repeating: $0.0, count: $0.1) }
            return hear(try Spotter(manifest(), refractory: refractory), sound)
        }
        let both = try heard(0, (Self.silence, 60), (Self.low, 30), (Self.high, 60))
        #expect(both.map(\.word) == ["on", "off"])
        let gap = both[1].frame - both[0].frame
        let late = try heard(2000, (Self.silence, 60), (Self.low, 30), (Self.high, 200))
        #expect(late.map(\.word) == ["on", "off"] && gap < 100 && (100..<108).contains(late[1].frame - late[0].frame))
        #expect(try heard(2000, (Self.silence, 60), (Self.low, 30), (Self.high, 60)).map(\.word) == ["on"])
    }

    /// Words above their cutoffs are not heard while another class is likelier.
    @Test func theLargestIsHeard() throws {
        // A little more of one than of the other: it is silence that is likeliest, however low the cutoff.
        let mixture = zip(Self.low, Self.high).map { max($0, $1 * 24 / 25) }
        let spotter = try Spotter(manifest(cutoff: 0))
        #expect(hear(spotter, frames((mixture, 200))).isEmpty)
        #expect(spotter.score(of: 0) > spotter.score(of: 1) && spotter.score(of: 1) > 0)
        #expect(hear(spotter, frames((Self.silence, 10), (Self.low, 25))).map(\.word) == ["on"])
    }

    @Test func aWordsOwnCutoff() throws {
        let both = frames((Self.silence, 60), (Self.low, 60), (Self.silence, 80), (Self.high, 60))
        #expect(hear(try Spotter(manifest()), both).map(\.word) == ["on", "off"])
        #expect(hear(try Spotter(manifest(cutoffs: #""off":1"#)), both).map(\.word) == ["on"])
        // What the user says counts for all.
        #expect(hear(try Spotter(manifest(cutoffs: #""off":1"#), cutoff: 0.5), both).map(\.word) == ["on", "off"])
        #expect(hear(try Spotter(manifest(), cutoff: 1), both).isEmpty)
    }

    /// Sound that is missing makes no word out of two halves, and the models' words come one behind the other.
    @Test func wordsOfSeveralModelsInOneSound() throws {
        let listener = try Listener([Spotter(manifest(cutoffs: #""on":1,"off":1"#)), Spotter(manifest())])
        #expect(listener.words.map(\.identifier) == ["on", "off", "on", "off"] && listener.models.count == 2)
        let tone = (0..<48_000).map { i -> Int16 in
            // A second of silence, three quarters of one of 4 kHz, and silence.
            (16_000..<28_000).contains(i) ? Int16(12_000 * sin(2 * .pi * Double(i) / 4)) : 0
        }
        func heard(_ parts: [ArraySlice<Int16>]) -> [Int] {
            listener.reset()
            var words: [Int] = []
            for (i, part) in parts.enumerated() {
                if i > 0 { listener.interrupt() }
                part.withUnsafeBufferPointer {
                    listener.hear($0) { word, _ in
                        words.append(word)
                        #expect(listener.score(of: word) > 0.8)
                    }
                }
            }
            return words
        }
        #expect(heard([tone[...]]) == [3])
        #expect(heard([tone[..<20_000], tone[20_000...]]).isEmpty)
    }

    /// The same in every run.
    private struct Noise: RandomNumberGenerator {
        private var state: UInt64 = 1

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }
}
