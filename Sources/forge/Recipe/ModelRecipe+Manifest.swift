import Compression
import Foundation
import Support

extension ModelRecipe {
    /// What `katydid listen` reads beside the model.
    struct CommandManifest: Encodable {
        var type = "commands"
        var version = 1
        var name: String
        var model: String
        var classes: [String]
        /// ms from one feature frame to the next.
        var feature_step_size: Int
        /// Frames from one inference to the next.
        var hop: Int
        /// Inferences whose scores are averaged.
        var sliding_window_size: Int
        var probability_cutoff: Double
        /// Of words that have one of their own.
        var cutoffs: [String: Double]?
        /// What cutoffs rise by amid talk.
        var talk_weight: Double

        func write(to path: String) throws(Failure) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            guard let text = try? encoder.encode(self) else { throw Failure(.software, "\(path)", "is not JSON", "report this") }
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count + 1, alignment: 1)
            defer { bytes.deallocate() }
            bytes.copyBytes(from: text + [0x0a])
            try writeFile(path, [UnsafeRawBufferPointer(bytes)])
        }
    }

    /// Of a model that takes `frames` at once.
    func manifest(frames: Int, streaming: Bool) -> CommandManifest {
        CommandManifest(
            name: name, model: "\(name).tflite", classes: classes, feature_step_size: features.step, hop: streaming ? frames : listening.hop,
            sliding_window_size: listening.window, probability_cutoff: listening.cutoff,
            cutoffs: listening.cutoffs.isEmpty ? nil : listening.cutoffs, talk_weight: listening.talkWeight)
    }
}

extension Graph {
    /// Frames of features that it takes at once: [1, frames, 40].
    var inputFrames: Int { inputs.first.map { tensors[$0].shape[1] } ?? 0 }
}
