import Compression
import Dataset
import Dispatch
import Foundation
import Interpreter
import ModelFormat
import Support
import Training

/// What teachers say of each source of a sampler: logits in the order of the recipe's classes.
struct Teaching {
    /// [sources, classes]
    let logits: Training.Tensor

    func row(_ source: Int) -> UnsafeMutablePointer<Float> { logits.base + source * logits.shape[1] }
}

/// One network that can be asked.
private protocol Oracle: AnyObject {
    /// Scores of the recipe's classes, of a source.
    func scores(_ source: Int, _ sampler: Sampler) -> [Float]
}

extension Teaching {
    /// Asks every teacher of `recipe` about every source, on two threads; several are averaged as probabilities.
    /// The answers are kept in `cache`, which is used again as long as teachers and corpus are the same.
    init(_ recipe: ModelRecipe, _ sampler: Sampler, cache: String, progress: @escaping @Sendable (Int, Int) -> Void) throws(Failure) {
        let classes = recipe.classes, count = sampler.sources.count
        let key = "\(recipe.teacher.models) \(recipe.teacher.classes) \(recipe.teacher.peak) \(classes) \(recipe.features) \(count)"
        if FileManager.default.fileExists(atPath: cache), let file = try? SafeTensors(path: cache), file.metadata["key"] == key,
            let (shape, values) = file["logits"], values.count == count * classes.count
        {
            logits = Training.Tensor(shape, values)
            return
        }
        var teams: [[any Oracle]] = []
        for _ in 0..<2 {
            var team: [any Oracle] = []
            for model in recipe.teacher.models {
                team.append(model.hasSuffix(".safetensors") ? try CheckpointOracle(model, classes) : try ModelOracle(model, recipe))
            }
            teams.append(team)
        }
        let logits = Training.Tensor([count, classes.count])
        nonisolated(unsafe) let base = logits.base
        nonisolated(unsafe) let oracles = teams
        let width = classes.count
        DispatchQueue.concurrentPerform(iterations: 2) { part in
            for source in stride(from: part, to: count, by: 2) {
                var sum = [Float](repeating: 0, count: width)
                for oracle in oracles[part] {
                    let p = Teaching.probabilities(oracle.scores(source, sampler))
                    for c in 0..<width { sum[c] += p[c] / Float(oracles[part].count) }
                }
                for c in 0..<width { base[source * width + c] = log(max(sum[c], 1e-6)) }
                if part == 0, source % 64 == 0 { progress(source, count) }
            }
        }
        self.logits = logits
        var file = SafeTensors()
        file.metadata["key"] = key
        file.tensors = [("logits", logits.shape, logits.array)]
        try file.write(to: cache)
    }

    fileprivate static func probabilities(_ scores: [Float]) -> [Float] {
        let top = scores.max() ?? 0
        let e = scores.map { exp($0 - top) }
        let sum = e.reduce(0, +)
        return e.map { $0 / sum }
    }
}

/// Where each of `wanted` stands in `given`.
private func order(_ wanted: [String], in given: [String], of path: String) throws(Failure) -> [Int] {
    var list: [Int] = []
    for name in wanted {
        guard let i = given.firstIndex(of: name) else {
            throw Failure(.configuration, "\(path)", "does not know the class \(name)", "name its outputs in order as teacher.classes, or leave it out")
        }
        list.append(i)
    }
    return list
}

/// A `.tflite` of raw sound or of features.
private final class ModelOracle: Oracle {
    private let runner: Runner
    private let order: [Int]
    private let takesSound: Bool
    private let peak: Float
    private var features: [Float]

    init(_ path: String, _ recipe: ModelRecipe) throws(Failure) {
        runner = try Runner(Graph(path: path))
        order = try katydid_forge.order(recipe.classes, in: recipe.teacher.classes, of: path)
        let count = runner.interpreter.inputs.first?.tensor.count ?? 0, outputs = runner.interpreter.outputs.first?.tensor.count ?? 0
        takesSound = count == recipe.features.samples
        guard takesSound || count == recipe.features.count, outputs == recipe.teacher.classes.count else {
            throw Failure(
                .data, "\(path)", "takes \(count) numbers and gives \(outputs)",
                "a teacher takes \(recipe.features.samples) samples or \(recipe.features.count) features and gives a score for each of teacher.classes")
        }
        peak = recipe.teacher.peak
        features = [Float](repeating: 0, count: recipe.features.count)
    }

    func scores(_ source: Int, _ sampler: Sampler) -> [Float] {
        let sound = sampler.sound(of: source, peak: takesSound ? peak : nil)
        let output: [Float]
        if takesSound {
            output = runner.run([sound.map { Float($0) / 32768 }])[0]
        } else {
            output = runner.run([plainFeatures(sound, sampler)])[0]
        }
        // Probabilities are logits after a logarithm.
        let isDistribution = output.allSatisfy { $0 >= 0 } && abs(output.reduce(0, +) - 1) < 0.05
        return order.map { isDistribution ? log(max(output[$0], 1e-6)) : output[$0] }
    }
}

/// A network that katydid-forge trained.
private final class CheckpointOracle: Oracle {
    private let network: Network
    private let order: [Int]

    init(_ path: String, _ classes: [String]) throws(Failure) {
        let trained = try TrainedModel(path: path)
        network = trained.network
        order = try katydid_forge.order(classes, in: trained.recipe.classes, of: path)
    }

    func scores(_ source: Int, _ sampler: Sampler) -> [Float] {
        let features = plainFeatures(sampler.sound(of: source), sampler)
        let output = network(Tape(training: false), Variable(Training.Tensor([1] + network.inputShape, features))).value.array
        return order.map { output[$0] }
    }
}

/// As a device that hears nothing else would have them.
private func plainFeatures(_ sound: [Int16], _ sampler: Sampler) -> [Float] {
    // The settings were checked when the sampler was made.
    guard var features = try? Features(sampler.settings.features) else { return [] }
    return features(sound)
}
