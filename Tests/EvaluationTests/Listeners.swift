import Dataset
import Evaluation
import GoldenFiles
import KeywordSpotting
import Support

/// A model of two words (Tests/Fuzz/make_seeds.py): "on" is energy in low channels in the newer half of a second, "off" in high ones.
enum Listeners {
    static let model = Golden.checkout + "/Tests/Fuzz/corpus/model/commands.tflite"
    static let classes = ["_silence_", "_unknown_", "on", "off"]

    static func manifest(hop: Int = 4, window: Int = 4, cutoff: Double = 0.8) throws -> Manifest {
        let text = #"{"type":"commands","version":1,"model":"\#(model)","classes":["_silence_","_unknown_","on","off"],"#
            + #""feature_step_size":20,"hop":\#(hop),"sliding_window_size":\#(window),"probability_cutoff":\#(cutoff)}"#
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBytes { bytes throws(Failure) in try Manifest(MappedFile(borrowing: bytes), path: "words.json") }
    }

    static func subject(_ classes: [String] = classes, manifest: Manifest? = nil) -> Subject {
        var features = Features.Settings()
        features.saturates = true
        let size = features.count
        return Subject(name: "tiny", path: model, bytes: 8768, classes: classes, features: features, manifest: manifest) { () throws(Failure) in
            try ModelScorer(model, features: size, classes: classes.count)
        }
    }

    /// A track of means of "on" and "off" at every 4th frame from the 49th, the rest being unknown.
    static func track(_ means: [(on: Double, off: Double)], talk: [Double]? = nil, cutoff: Double = 0.8) throws -> ScoreTrack {
        ScoreTrack(
            try manifest(cutoff: cutoff), means: means.flatMap { [0, 1 - $0.on - $0.off, $0.on, $0.off] }, talk: talk ?? means.map { _ in 0 },
            first: 49, hop: 4)
    }

    /// The sample at whose arrival inference `i` of a track ran: 80 ms after the one before.
    static func sample(_ i: Int) -> Int { 480 + 48 * 320 + i * 1280 }
}
