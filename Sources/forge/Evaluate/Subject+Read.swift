import Dataset
import Evaluation
import Foundation
import KeywordSpotting
import ModelFormat
import Support
import Training

extension Subject {
    /// A manifest (`.json`) or the `.tflite` beside one, a `.tflite` alone with `classes`, or a checkpoint (`.safetensors`).
    /// Throws `Failure` for what is none of these.
    init(_ path: String, classes: [String]) throws(Failure) {
        if path.hasSuffix(".safetensors") {
            self = try Self.checkpoint(path)
        } else if path.hasSuffix(".json") {
            self = try Self.commands(path)
        } else if classes.isEmpty, let manifest = Manifest.path(beside: path), FileManager.default.fileExists(atPath: manifest) {
            self = try Self.commands(manifest)
        } else {
            self = try Self.model(path, classes: classes, step: 20)
        }
    }

    private static func commands(_ path: String) throws(Failure) -> Subject {
        let manifest = try Manifest(path: path)
        guard manifest.hop != nil else {
            throw Failure(.data, "\(path)", "of a streaming model", "give a manifest of \"type\": \"commands\", as katydid-forge train writes")
        }
        var subject = try Self.model(manifest.modelPath, classes: manifest.classes, step: manifest.stepMilliseconds)
        subject.manifest = manifest
        return subject
    }

    private static func model(_ path: String, classes: [String], step: Int) throws(Failure) -> Subject {
        guard !classes.isEmpty else {
            throw Failure(.usage, "\(path)", "nothing says what its outputs are", "give its manifest (.json), or --classes in order")
        }
        let file = try MappedFile(path)
        let model = try Model(path: path, copying: true), input = model.inputCount
        var features = Features.Settings(step: step)
        features.saturates = true
        if input != features.count, !model.isStreaming {
            let frames = input / Features.channels
            features.window = Double(480 + max(frames - 1, 0) * features.stepSamples) / Double(Sound.rate)
        }
        let settings = features
        return Subject(
            name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, path: path, bytes: file.count, classes: classes,
            features: settings
        ) { () throws(Failure) in try ModelScorer(path, features: settings.count, classes: classes.count) }
    }

    private static func checkpoint(_ path: String) throws(Failure) -> Subject {
        let file = try MappedFile(path), trained = try TrainedModel(path: path)
        return Subject(
            name: URL(fileURLWithPath: path).lastPathComponent, path: path, bytes: file.count, classes: trained.recipe.classes,
            features: trained.recipe.features
        ) { () throws(Failure) in CheckpointScorer(try TrainedModel(path: path).network) }
    }
}

extension Model {
    /// Elements of the first input.
    fileprivate var inputCount: Int { subgraphs[0].inputs.first.map { subgraphs[0].tensors[$0].count } ?? 0 }
}

/// A network in floats, or in integers as training sees them.
private final class CheckpointScorer: Scorer {
    private let network: Network

    init(_ network: Network) { self.network = network }

    func scores(_ features: UnsafeBufferPointer<Float>) -> [Float] {
        network(Tape(training: false), Variable(Training.Tensor([1] + network.inputShape, Array(features)))).value.array
    }
}
