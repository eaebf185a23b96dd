import Compression
import Dataset
import Dispatch
import Foundation
import Interpreter
import ModelFormat
import Support
import Synchronization
import Training

/// What teachers say of each source of a sampler.
struct Teaching {
    /// Logits in the order of the recipe's classes: [sources, classes].
    let logits: Training.Tensor
    /// What their last layers are given, one teacher behind the other, each number of mean 0 and variance 1 over all sources:
    /// [sources, width]; where the recipe aligns with it.
    let features: Training.Tensor?

    /// Sources that were asked about.
    var count: Int { logits.shape[0] }

    func row(_ source: Int) -> UnsafeMutablePointer<Float> { logits.base + source * logits.shape[1] }

    /// Whether the teachers give one of the words, which stand behind `_silence_` and `_unknown_`, at least `probability`.
    func hearsWord(_ source: Int, atLeast probability: Float) -> Bool {
        let classes = logits.shape[1], row = row(source)
        return (2..<classes).contains { exp(row[$0]) >= probability }
    }

    /// Whether the teachers would have called a source what it is called.
    func agrees(_ source: Int, with label: Int32) -> Bool { logits.largest(row: source, of: logits.shape[1]) == Int(label) }
}

/// One network that can be asked.
private protocol Oracle: AnyObject {
    /// Scores of the recipe's classes, of a source, and what its last layer was given.
    func answer(_ source: Int, _ sampler: Sampler) -> (scores: [Float], features: [Float])
}

extension Teaching {
    /// Asks every teacher of `recipe` about every source, on two threads; several are averaged as probabilities.
    /// The answers are kept in `cache`, which is used again as long as teachers and corpus are the same.
    init(_ recipe: ModelRecipe, _ sampler: Sampler, cache: String, progress: @escaping @Sendable (Int, Int) -> Void) throws(Failure) {
        let classes = recipe.classes.count, count = sampler.sources.count, aligns = recipe.training.alignment > 0
        let key = "\(recipe.teacher.models) \(recipe.teacher.classes) \(recipe.teacher.peak) \(recipe.classes) \(recipe.features) \(count)"
        if FileManager.default.fileExists(atPath: cache), let file = try? SafeTensors(path: cache), file.metadata["key"] == key,
            let (shape, values) = file["logits"], values.count == count * classes, !aligns || file["features"] != nil
        {
            logits = Training.Tensor(shape, values)
            features = aligns ? file["features"].map { Training.Tensor($0.shape, $0.values) } : nil
            return
        }
        let answers = try Teachers(recipe, tellFeatures: aligns).answers(0..<count, sampler, progress: progress)
        let logits = Training.Tensor([count, classes])
        for (source, answer) in answers.enumerated() {
            var p = answer.probabilities
            if sampler.sources[source].label < 0, let silence = sampler.silence, let unknown = sampler.unknown, silence != unknown {
                // Something is said there; teachers hear silence badly.
                p[Int(unknown)] += p[Int(silence)]
                p[Int(silence)] = 0
            }
            for c in 0..<classes { logits.base[source * classes + c] = Teachers.score(p[c]) }
        }
        self.logits = logits
        features = aligns ? Self.standardised(answers.map(\.features)) : nil
        var file = SafeTensors()
        file.metadata["key"] = key
        file.tensors = [("logits", logits.shape, logits.array)]
        if let features { file.tensors.append(("features", features.shape, features.array)) }
        try file.write(to: cache)
    }

    private static func standardised(_ rows: [[Float]]) -> Training.Tensor {
        let width = rows.first?.count ?? 0, count = Float(rows.count), result = Training.Tensor([rows.count, width])
        for i in 0..<width {
            let mean = rows.reduce(0) { $0 + $1[i] } / count
            let variance = rows.reduce(0) { $0 + ($1[i] - mean) * ($1[i] - mean) } / count
            for (n, row) in rows.enumerated() { result.base[n * width + i] = (row[i] - mean) / max(variance, 1e-12).squareRoot() }
        }
        return result
    }
}

/// All teachers of a recipe, twice: one set for each of two threads.
struct Teachers {
    private let teams: [[any Oracle]]
    private let classes: Int

    /// Throws `Failure` where one cannot be read, or is of other classes.
    init(_ recipe: ModelRecipe, tellFeatures: Bool = false) throws(Failure) {
        classes = recipe.classes.count
        var teams: [[any Oracle]] = []
        for _ in 0..<2 {
            var team: [any Oracle] = []
            for model in recipe.teacher.models {
                team.append(
                    model.hasSuffix(".safetensors") ? try CheckpointOracle(model, recipe.classes) : try ModelOracle(model, recipe, tellsFeatures: tellFeatures))
            }
            teams.append(team)
        }
        self.teams = teams
    }

    /// Of each of `sources` the mean of their probabilities, and all that their last layers were given.
    func answers(
        _ sources: Swift.Range<Int>, _ sampler: Sampler, progress: @escaping @Sendable (Int, Int) -> Void
    ) -> [(probabilities: [Float], features: [Float])] {
        nonisolated(unsafe) let teams = teams
        let classes = classes
        let answers = Mutex([(probabilities: [Float], features: [Float])](repeating: ([], []), count: sources.count))
        DispatchQueue.concurrentPerform(iterations: teams.count) { part in
            for at in stride(from: part, to: sources.count, by: teams.count) {
                var mean = [Float](repeating: 0, count: classes), features: [Float] = []
                for oracle in teams[part] {
                    let answer = oracle.answer(sources.lowerBound + at, sampler), p = Self.probabilities(answer.scores)
                    for c in 0..<classes { mean[c] += p[c] / Float(teams[part].count) }
                    features += answer.features
                }
                answers.withLock { $0[at] = (mean, features) }
                if part == 0, at % 64 == 0 { progress(at, sources.count) }
            }
        }
        return answers.withLock { $0 }
    }

    static func probabilities(_ scores: [Float]) -> [Float] {
        let top = scores.max() ?? 0
        let e = scores.map { exp($0 - top) }
        let sum = e.reduce(0, +)
        return e.map { $0 / sum }
    }

    /// The way back, but for what all scores have in common. What is next to impossible stays finite.
    static func score(_ probability: Float) -> Float { log(max(probability, 1e-6)) }
}

/// Where each of `wanted` stands in `given`.
func order(_ wanted: [String], in given: [String], of path: String) throws(Failure) -> [Int] {
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
    /// Samples that it takes; nil for features.
    private let samples: Int?
    private let peak: Float

    init(_ path: String, _ recipe: ModelRecipe, tellsFeatures: Bool) throws(Failure) {
        var graph = try Graph(path: path)
        if tellsFeatures {
            guard let last = graph.operators.last(where: { $0.code == .fullyConnected || $0.code == .conv2D }) else {
                throw Failure(.data, "\(path)", "has no layer with weights whose input could be aligned with", "leave out training.alignment")
            }
            graph.output(last.inputs[0])
        }
        runner = try Runner(graph)
        order = try katydid_forge.order(recipe.classes, in: recipe.teacher.classes, of: path)
        let count = runner.interpreter.inputs.first?.tensor.count ?? 0, outputs = runner.interpreter.outputs.first?.tensor.count ?? 0
        // Of a longer window it hears the middle, where words are.
        samples = count != recipe.features.count && (recipe.features.samples / 2...recipe.features.samples).contains(count) ? count : nil
        guard samples != nil || count == recipe.features.count, outputs == recipe.teacher.classes.count else {
            throw Failure(
                .data, "\(path)", "takes \(count) numbers and gives \(outputs)",
                "a teacher takes \(recipe.features.samples) samples, or fewer from their middle, or \(recipe.features.count) features, and gives a score for each of teacher.classes")
        }
        peak = recipe.teacher.peak
    }

    func answer(_ source: Int, _ sampler: Sampler) -> (scores: [Float], features: [Float]) {
        let sound = sampler.sound(of: source, samples: samples, peak: samples == nil ? nil : peak)
        let outputs = runner.run([samples != nil ? sound.map { Float($0) / 32768 } : plainFeatures(sound, sampler)])
        let output = outputs[0]
        // Probabilities are logits after a logarithm.
        let isDistribution = output.allSatisfy { $0 >= 0 } && abs(output.reduce(0, +) - 1) < 0.05
        return (order.map { isDistribution ? Teachers.score(output[$0]) : output[$0] }, outputs.count > 1 ? outputs[1] : [])
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

    func answer(_ source: Int, _ sampler: Sampler) -> (scores: [Float], features: [Float]) {
        let features = plainFeatures(sampler.sound(of: source), sampler)
        var embedding: [Float] = []
        let output = network(Tape(training: false), Variable(Training.Tensor([1] + network.inputShape, features))) { [network] i, value in
            if i == network.embeddingNode { embedding = value.value.array }
        }.value.array
        return (order.map { output[$0] }, embedding)
    }
}

/// As a device that hears nothing else would have them.
private func plainFeatures(_ sound: [Int16], _ sampler: Sampler) -> [Float] {
    // The settings were checked when the sampler was made.
    guard var features = try? Features(sampler.settings.features) else { return [] }
    return features(sound)
}
