import Compression
import Dataset
import Evaluation
import Foundation
import Support
import Training

/// ModelFormat has one too.
private typealias Tensor = Training.Tensor

/// One training: recordings in, checkpoints and models out.
struct Workshop {
    let recipe: ModelRecipe
    let output: String
    private var bench: Workbench
    private let teaching: Teaching?
    private let companions: Companions?
    private let restart: Bool
    private let network: Network

    /// An epoch that no training reaches: its examples are for what is measured.
    private static let unreached = 1_000_000

    init(_ recipe: ModelRecipe, data: [String], output: String, restart: Bool) throws(Failure) {
        self.recipe = recipe
        self.output = output
        self.restart = restart
        // What cannot be begun with or exported is refused before recordings are read and teachers asked.
        network = try recipe.network()
        print("\(recipe.architecture.family.rawValue): \(network.parameterCount) parameters, \(network.multiplications) multiplications")
        let start = recipe.start.isEmpty ? nil : try Start(recipe)
        companions = try Companions(recipe)
        try start?.give(network, recipe)
        if recipe.listening.streaming { _ = try network.graph(named: recipe.name, streaming: true) }
        bench = try Workbench(recipe, data: data)
        print("\(bench.sampler.bank.clips.count) recordings to learn from, \(bench.validation.quiet.count) clips to validate with")
        if start?.isFolded == true { network.renormalise(bench.batch(Self.unreached, 0..<256, nil).features) }
        if recipe.teacher.models.isEmpty {
            teaching = nil
        } else {
            nonisolated(unsafe) var line = ProgressLine()
            teaching = try Teaching(recipe, bench.sampler, cache: "\(output)/teacher.safetensors") { done, total in
                line.show("asking the teacher", done, of: total)
            }
            line.clear()
        }
    }

    private func path(_ name: String) -> String { "\(output)/\(recipe.name)\(name)" }

    mutating func run() throws(Failure) {
        let float = try stage("float", network, recipe.training)
        guard recipe.quantisation.epochs > 0 else { return try export(float) }

        if recipe.quantisation.mined > 0 {
            print("\(try bench.mine(float)) windows of running sound were taken for a word")
            fflush(nil)
        }
        var plan = recipe.training
        plan.epochs = recipe.quantisation.epochs
        plan.rate = recipe.quantisation.rate
        plan.smoothing = recipe.quantisation.smoothing
        plan.teaching = recipe.quantisation.teaching
        plan.decay = 0
        plan.seed &+= 1000
        let aware = try stage("integers", float.folded().quantisationAware(learnt: recipe.quantisation.learnt), plan)
        try export(aware)
    }

    /// Trains, or goes on, and keeps the network that validates best, in quiet and in noise. Float networks end as NAME.float.safetensors.
    private func stage(_ name: String, _ network: Network, _ plan: Plan) throws(Failure) -> Network {
        let isFloat = name == "float"
        let last = path(".\(name).last.safetensors"), best = isFloat ? path(".float.safetensors") : path(".safetensors")
        let trainer = try Trainer(network, plan, featureWidth: teaching?.features?.shape[1] ?? 0)
        let isThere = FileManager.default.fileExists(atPath: last) && FileManager.default.fileExists(atPath: best)
        if !restart, isThere {
            let state = try Checkpoint(path: last)
            if try isOurs(state, isFloat: isFloat, last) {
                try trainer.resume(state)
                if !trainer.isDone { print("\(name): going on in epoch \(trainer.progress.epoch + 1)") }
            } else {
                throw Failure(.data, "\(last)", "was trained by another recipe", "name another --output, or begin anew with --restart")
            }
        }
        var line = ProgressLine()
        let batches = BatchesAhead(examples: plan.examples) { [bench, teaching, companions] in bench.batch($0, $1, teaching, companions) }
        while !trainer.isDone {
            trainer.step { batches($0, $1) }
            let progress = trainer.progress
            line.show(
                "\(name) \(progress.epoch + 1)/\(plan.epochs)", progress.epoch * trainer.stepsPerEpoch + progress.step, of: plan.epochs * trainer.stepsPerEpoch,
                String(format: "loss %.3f accuracy %.1f %%", progress.loss, progress.accuracy * 100))
            let isOver = trainer.finishEpoch()
            if isOver {
                line.clear()
                let accuracy = bench.validation.accuracy(trainer.result)
                if trainer.isBest(accuracy.mean) { try Checkpoint(trainer.result, notes: notes(accuracy)).write(to: best) }
                let noisy = accuracy.noisy.map { String(format: ", at %.0f dB %.2f %%", Evaluator.noisy, $0 * 100) } ?? ""
                print(
                    String(
                        format: "\(name) %d/%d: loss %.3f, accuracy %.1f %%, validation %.2f %%", progress.epoch + 1, plan.epochs, progress.loss,
                        progress.accuracy * 100, accuracy.quiet * 100) + noisy + String(format: ", best %.2f %%", trainer.progress.bestScore * 100))
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

    /// Whether a checkpoint was trained by our recipe, as far as it had a part in it: not in how the model is listened with, and in
    /// the second training only if it comes from that.
    private func isOurs(_ state: Checkpoint, isFloat: Bool, _ path: String) throws(Failure) -> Bool {
        guard let text = state.notes[TrainedModel.recipeKey] else { return false }
        var theirs = try Recipe.decode(Data(text.utf8), over: ModelRecipe(), name: path)
        theirs.listening = recipe.listening
        if isFloat { theirs.quantisation = recipe.quantisation }
        return theirs.text == recipe.text
    }

    private func notes(_ accuracy: Validation.Accuracy?) -> [String: String] {
        var notes = [TrainedModel.recipeKey: recipe.text]
        if let accuracy { notes[TrainedModel.resultKey] = "{\"validation accuracy\": \(accuracy.quiet)}" }
        return notes
    }

    /// Writes the INT8 model and its manifest.
    private func export(_ network: Network) throws(Failure) {
        let (float, known) = try network.graph(named: recipe.name)
        // What the second training did not see by itself, or all where there was none.
        let calibration = try Calibration(float)
        for first in stride(from: 0, to: 256, by: 64) {
            let features = bench.batch(Self.unreached, first..<first + 64, nil).features.array, size = recipe.features.count
            for i in 0..<64 { try calibration.observe([Array(features[i * size..<(i + 1) * size])]) }
        }
        let ranges = calibration.ranges(.mse).merging(known) { $1 }
        var quantizer = Quantizer(.int8)
        quantizer.given["features"] = Quantizer.microFrontend
        let streaming = recipe.listening.streaming
        let graph = try quantizer.quantized(streaming ? network.graph(named: recipe.name, streaming: true).graph : float, ranges: ranges)
        try graph.write(to: path(".tflite"))
        try recipe.manifest(frames: graph.inputFrames, streaming: streaming).write(to: path(".json"))
        let bytes = try graph.fileBytes().count, path = path(".tflite"), features = recipe.features, classes = recipe.classes
        let subject = Subject(name: recipe.name, path: path, bytes: bytes, classes: classes, features: features) { () throws(Failure) in
            try ModelScorer(path, features: features.count, classes: classes.count)
        }
        let accuracy = try Confusion(of: subject, on: bench.validation.quiet).accuracy ?? 0
        print(String(format: "\(path): %d bytes, validation %.2f %%", bytes, accuracy * 100))
    }
}
