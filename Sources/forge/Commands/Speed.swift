import ArgumentParser
import Dataset
import Foundation
import Support
import Training

/// How long a training would take here.
struct Speed: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure how fast this machine makes examples and learns from them, by a recipe.")

    @Argument(help: "The recipe, a JSON file.") var recipe: String
    @Option(name: .long, parsing: .upToNextOption, help: "Manifests (.csv), or folders with a folder for each word.") var data: [String]
    @Option(help: "Batches to measure; the median counts.") var batches = 40
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        try attempt { () throws(Failure) in
            guard batches > 0 else { throw Failure(.usage, "--batches \(batches)", "nothing to measure", "give a positive number") }
            var recipe = try ModelRecipe(path: recipe)
            recipe.teacher.models = []
            let bench = try Workbench(recipe, data: data)
            let network = try recipe.network()
            let trainer = try Trainer(network, recipe.training)
            var making: [Double] = [], learning: [Double] = []
            for _ in 0..<batches {
                var start = Date()
                var made = 0.0
                trainer.step { epoch, range in
                    let batch = bench.batch(epoch, range, nil)
                    made = Date().timeIntervalSince(start)
                    start = Date()
                    return batch
                }
                making.append(made)
                learning.append(Date().timeIntervalSince(start))
            }
            let size = Double(recipe.training.batch)
            let make = size / making.sorted()[batches / 2], learn = size / learning.sorted()[batches / 2]
            let epoch = Double(recipe.training.examples) * (1 / make + 1 / learn)
            if json {
                print(String(format: "{\"made\": %.1f, \"learnt\": %.1f, \"epoch\": %.2f, \"examples\": %d}", make, learn, epoch, recipe.training.examples))
            } else {
                print(String(format: "makes %.0f examples a second, learns from %.0f; an epoch of %d takes %.0f s", make, learn, recipe.training.examples, epoch))
            }
        }
    }
}
