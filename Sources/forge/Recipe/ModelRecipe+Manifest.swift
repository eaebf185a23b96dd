import Foundation
import Support

extension ModelRecipe {
    /// What `katydid listen` reads beside the model.
    struct CommandManifest: Codable {
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
        /// Of words that have their own.
        var cutoffs: [String: Double]?

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

    var manifest: CommandManifest {
        CommandManifest(
            name: name, model: "\(name).tflite", classes: classes, feature_step_size: features.step, hop: listening.hop,
            sliding_window_size: listening.window, probability_cutoff: listening.cutoff)
    }
}

extension ModelRecipe.CommandManifest {
    /// Throws `Failure` for what is none.
    init(path: String) throws(Failure) {
        let file = try MappedFile(path)
        guard let manifest = try? JSONDecoder().decode(Self.self, from: Data(bytes: file.base, count: file.count)), manifest.type == "commands" else {
            throw Failure(.data, "\(path)", "not a manifest of \"type\": \"commands\"", "give the .json that katydid-forge train wrote")
        }
        self = manifest
        guard !classes.isEmpty, (1...1000).contains(hop), (1...1000).contains(sliding_window_size), (1...30).contains(feature_step_size) else {
            throw Failure(.data, "\(path)", "its classes, hop, window or step cannot be", "correct it")
        }
    }
}
