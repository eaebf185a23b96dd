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
    @Flag(help: "Learn as in the second training, in which the network sees itself as integers.") var integers = false
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        try attempt { () throws(Failure) in
            guard batches > 0 else { throw Failure(.usage, "--batches \(batches)", "nothing to measure", "give a positive number") }
            var recipe = try ModelRecipe(path: recipe)
            recipe.teacher.models = []
            let bench = try Workbench(recipe, data: data)
            let float = try recipe.network()
            let network = integers ? try float.folded().quantisationAware(learnt: recipe.quantisation.learnt) : float
            let trainer = try Trainer(network, recipe.training)
            func seconds(_ work: () throws -> Void) rethrows -> Double {
                let start = Date()
                try work()
                return Date().timeIntervalSince(start)
            }
            func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
            let size = recipe.training.batch
            let making = (0..<batches).map { n in
                seconds { _ = bench.batch(0, n * size..<(n + 1) * size, nil, threads: ProcessInfo.processInfo.activeProcessorCount) }
            }
            // As train does it: the next batch is made meanwhile.
            let ahead = BatchesAhead(examples: recipe.training.examples) { bench.batch($0, $1, nil) }
            _ = ahead(0, 0..<size)
            var learning: [Double] = [], steps: [Double] = []
            for _ in 0..<batches {
                var waited = 0.0
                steps.append(seconds {
                    trainer.step { epoch, range in
                        var batch: Batch?
                        waited = seconds { batch = ahead(epoch, range) }
                        return batch!
                    }
                })
                learning.append(steps.last! - waited)
            }
            let make = Double(size) / median(making), learn = Double(size) / median(learning)
            let epoch = Double(recipe.training.examples) / Double(size) * median(steps)
            if json {
                print(String(format: "{\"made\": %.1f, \"learnt\": %.1f, \"epoch\": %.2f, \"examples\": %d}", make, learn, epoch, recipe.training.examples))
            } else {
                print(String(format: "makes %.0f examples a second, learns from %.0f meanwhile; an epoch of %d takes %.0f s", make, learn, recipe.training.examples, epoch))
            }
        }
    }
}
