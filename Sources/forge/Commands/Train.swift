import ArgumentParser
import Compression
import Dataset
import Foundation
import Support
import Training

/// From recordings and a recipe to a model that `katydid listen` runs.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model by a recipe and write it for the board.",
        discussion: """
            In OUTPUT: NAME.tflite and NAME.json, which katydid listen takes; NAME.float.safetensors, the network before it saw itself \
            as integers, and NAME.safetensors after; last.safetensors, from which a training that was interrupted goes on when the same \
            command is given again.
            """)

    @Argument(help: "The recipe, a JSON file.") var recipe: String
    @Option(name: .long, parsing: .upToNextOption, help: "Manifests (.csv), or folders with a folder for each word.") var data: [String]
    @Option(name: .long, help: "The folder for what is made.") var output: String
    @Option(help: "Epochs, instead of the recipe's.") var epochs: Int?
    @Option(help: "Examples of an epoch, instead of the recipe's.") var examples: Int?
    @Option(help: "Seed, instead of the recipe's.") var seed: UInt64?
    @Option(name: .customLong("set"), help: "Another setting of the recipe, as shares.synthetic=0 or augmentation.noise=0.5.") var settings: [String] = []
    @Option(help: "A checkpoint, or a .tflite beside its manifest, to begin with instead of random weights, as one of other words; layers that differ begin anew, and a narrower checkpoint has room added.") var from: String?
    @Option(name: .long, parsing: .upToNextOption, help: "Folders in which the recipe's teachers lie, besides its own.") var teachers: [String] = []
    @Flag(help: "Learn from labels alone, whatever the recipe says.") var noTeacher = false
    @Flag(help: "Begin anew, whatever stands in OUTPUT.") var restart = false

    func run() throws {
        try attempt { () throws(Failure) in
            var recipe = try ModelRecipe(path: recipe)
            for setting in settings { try recipe.set(setting) }
            if let epochs { recipe.training.epochs = epochs }
            if let examples { recipe.training.examples = examples }
            if let seed { recipe.seed = seed }
            if noTeacher { (recipe.teacher.models, recipe.teacher.companions) = ([], []) } else { try recipe.findTeachers(in: teachers) }
            if let from { recipe.start = from }
            try recipe.findStart(in: teachers)
            recipe.training.seed = recipe.seed
            Interrupt.watch()
            try FileManager.default.makeFolder(output)
            var workshop = try Workshop(recipe, data: data, output: output, restart: restart)
            try workshop.run()
        }
    }
}

extension FileManager {
    func makeFolder(_ path: String) throws(Failure) {
        do { try createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw Failure(.cannotCreate, "\(path)", "cannot be made", "name a folder that you may write to")
        }
    }
}
