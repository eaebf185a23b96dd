import Compression
import Dataset
import Foundation
import Support
import Training

/// ModelFormat has one too.
private typealias Tensor = Training.Tensor

/// One training: recordings in, checkpoints and models out.
struct Workshop {
    let recipe: ModelRecipe
    let output: String
    private let sampler: Sampler
    private let validation: EvaluationSet
    private let teaching: Teaching?
    private let restart: Bool

    init(_ recipe: ModelRecipe, data: [String], output: String, restart: Bool) throws(Failure) {
        self.recipe = recipe
        self.output = output
        self.restart = restart
        var corpus = try Corpus(data, resplit: Set(recipe.resplit))
        try corpus.check(words: recipe.words)
        nonisolated(unsafe) var line = ProgressLine()
        let training = try SoundBank(corpus, splits: [.train]) { done, total in if !Thread.isMainThread { return } else { line.show("reading", done, of: total) } }
        let others = try SoundBank(corpus, splits: [.validation])
        line.clear()
        Self.tell(training.remarks)
        sampler = try Sampler(training, classes: recipe.classes, settings: recipe.samplerSettings)
        validation = try EvaluationSet(others, classes: recipe.classes, split: .validation, settings: recipe.features)
        print("\(training.clips.count) recordings to learn from, \(validation.count) clips to validate with")
        if recipe.teacher.models.isEmpty {
            teaching = nil
        } else {
            teaching = try Teaching(recipe, sampler, cache: "\(output)/teacher.safetensors") { done, total in
                line.show("asking the teacher", done, of: total)
            }
            line.clear()
        }
    }

    private static func tell(_ remarks: [String]) {
        for remark in remarks.prefix(8) { say(remark) }
        if remarks.count > 8 { say("and \(remarks.count - 8) remarks like these") }
    }

    private func path(_ name: String) -> String { "\(output)/\(recipe.name)\(name)" }

    func run() throws(Failure) {
        let frames = recipe.features.frames
        let network = try Network(
            recipe.architecture.nodes(frames: frames, channels: Features.channels, classes: recipe.classes.count), seed: recipe.seed)
        print("\(recipe.architecture.family.rawValue): \(network.parameterCount) parameters, \(network.multiplications) multiplications")
        let float = try stage("float", network, recipe.training)
        guard recipe.quantisation.epochs > 0 else { return try export(float, name: "") }

        var plan = recipe.training
        plan.epochs = recipe.quantisation.epochs
        plan.rate = recipe.quantisation.rate
        plan.decay = 0
        plan.seed &+= 1000
        let aware = try stage("integers", float.folded().quantisationAware(learnt: recipe.quantisation.learnt), plan)
        try export(aware, name: "")
    }

    /// Trains, or goes on, and keeps the network that validates best. Float networks end as NAME.float.safetensors.
    private func stage(_ name: String, _ network: Network, _ plan: Plan) throws(Failure) -> Network {
        let isFloat = name == "float"
        let last = path(".\(name).last.safetensors"), best = isFloat ? path(".float.safetensors") : path(".safetensors")
        let trainer = try Trainer(network, plan)
        let isThere = FileManager.default.fileExists(atPath: last) && FileManager.default.fileExists(atPath: best)
        if !restart, isThere {
            let state = try Checkpoint(path: last)
            if state.notes[TrainedModel.recipeKey] == recipe.text {
                try trainer.resume(state)
                if !trainer.isDone { print("\(name): going on in epoch \(trainer.progress.epoch + 1)") }
            } else {
                throw Failure(.data, "\(last)", "was trained by another recipe", "name another --output, or begin anew with --restart")
            }
        }
        var line = ProgressLine()
        while !trainer.isDone {
            trainer.step(batch)
            let progress = trainer.progress
            line.show(
                "\(name) \(progress.epoch + 1)/\(plan.epochs)", progress.epoch * trainer.stepsPerEpoch + progress.step, of: plan.epochs * trainer.stepsPerEpoch,
                String(format: "loss %.3f accuracy %.1f %%", progress.loss, progress.accuracy * 100))
            let isOver = trainer.finishEpoch()
            if isOver {
                line.clear()
                let accuracy = try accuracy(trainer.result)
                if trainer.isBest(accuracy) { try Checkpoint(trainer.result, notes: notes(accuracy)).write(to: best) }
                print(
                    String(
                        format: "\(name) %d/%d: loss %.3f, accuracy %.1f %%, validation %.2f %%, best %.2f %%", progress.epoch + 1, plan.epochs,
                        progress.loss, progress.accuracy * 100, accuracy * 100, trainer.progress.bestScore * 100))
                fflush(nil)
            }
            if isOver || Interrupt.isAsked { try trainer.checkpoint(notes: notes(nil)).write(to: last) }
            if Interrupt.isAsked {
                line.clear()
                throw Failure(.unavailable, "training", "interrupted in epoch \(trainer.progress.epoch + 1); everything is saved", "give the same command to go on")
            }
        }
        return try Checkpoint(path: best).network
    }

    private func notes(_ accuracy: Float?) -> [String: String] {
        var notes = [TrainedModel.recipeKey: recipe.text]
        if let accuracy { notes[TrainedModel.resultKey] = "{\"validation accuracy\": \(accuracy)}" }
        return notes
    }

    /// Examples of an epoch, made on both cores.
    private func batch(_ epoch: Int, _ range: Swift.Range<Int>) -> Batch {
        let features = Tensor([range.count, recipe.features.frames, Features.channels, 1])
        var labels = [Int32](repeating: 0, count: range.count), sources = labels
        labels.withUnsafeMutableBufferPointer { labels in
            sources.withUnsafeMutableBufferPointer { sources in
                sampler.fill(epoch: epoch, range, features: features.values, labels: labels, sources: sources, threads: 2)
            }
        }
        guard let teaching else { return Batch(features: features, labels: labels) }
        let classes = recipe.classes.count
        let teacher = Tensor([range.count, classes], repeating: 0)
        for (n, source) in sources.enumerated() where source >= 0 {
            (teacher.base + n * classes).update(from: teaching.row(Int(source)), count: classes)
        }
        return Batch(features: features, labels: labels, teacher: teacher, isTaught: sources.map { $0 >= 0 })
    }

    /// Share of the validation clips that are classified right.
    private func accuracy(_ network: Network) throws(Failure) -> Float {
        let size = recipe.features.count, classes = recipe.classes.count
        var right = 0
        for first in stride(from: 0, to: validation.count, by: 64) {
            let n = min(64, validation.count - first)
            let features = Tensor([n, recipe.features.frames, Features.channels, 1])
            for i in 0..<n * size { features.base[i] = validation.features[first * size + i] }
            let logits = network(Tape(training: false), Variable(features)).value
            for i in 0..<n where logits.largest(row: i, of: classes) == Int(validation.labels[first + i]) { right += 1 }
        }
        return Float(right) / Float(max(validation.count, 1))
    }

    /// Writes the INT8 model and its manifest.
    private func export(_ network: Network, name: String) throws(Failure) {
        let (float, known) = try network.graph(named: recipe.name)
        var ranges = known
        if ranges.isEmpty {
            let calibration = try Calibration(float)
            // Examples of an epoch that no training reaches.
            for range in [0..<64, 64..<128, 128..<192, 192..<256] {
                let batch = batch(1_000_000, range)
                let size = recipe.features.count
                for i in 0..<range.count { try calibration.observe([Array(batch.features.array[i * size..<(i + 1) * size])]) }
            }
            ranges = calibration.ranges(.mse)
        }
        var quantizer = Quantizer(.int8)
        quantizer.given["features"] = Quantizer.microFrontend
        let graph = try quantizer.quantized(float, ranges: ranges)
        try graph.write(to: path(".tflite"))
        try recipe.manifest.write(to: path(".json"))
        let accuracy = try accuracy(graph)
        print(String(format: "\(path(".tflite")): %d bytes, validation %.2f %%", try graph.fileBytes().count, accuracy * 100))
    }

    /// The same on the device's integer path.
    private func accuracy(_ graph: Graph) throws(Failure) -> Float {
        let runner = try Runner(graph), size = recipe.features.count
        var right = 0
        for i in 0..<validation.count {
            let scores = runner.run([Array(validation.features[i * size..<(i + 1) * size])])[0]
            if scores.indices.max(by: { scores[$0] < scores[$1] }) == Int(validation.labels[i]) { right += 1 }
        }
        return Float(right) / Float(max(validation.count, 1))
    }
}
