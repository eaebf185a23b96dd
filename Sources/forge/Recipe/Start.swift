import Compression
import Foundation
import KeywordSpotting
import Support
import Training

/// What a training begins with instead of random weights: a checkpoint, or a model as boards have it.
struct Start {
    private enum Weights {
        case network(Network, Architecture)
        case model(Graph)
    }

    private let path: String
    private let weights: Weights
    private let classes: [String]

    /// The recipe's. Throws `Failure` for what is neither, and for a model without its manifest, which names its classes.
    init(_ recipe: ModelRecipe) throws(Failure) {
        path = recipe.start
        if let manifest = Manifest.path(beside: path) {
            weights = .model(try Graph(path: path))
            guard FileManager.default.fileExists(atPath: manifest) else {
                throw Failure(.noInput, "\(path)", "nothing says what its outputs are", "put its manifest beside it: \(manifest)")
            }
            classes = try Manifest(path: manifest).classes
        } else {
            let trained = try TrainedModel(path: path)
            weights = .network(trained.network, trained.recipe.architecture)
            classes = trained.recipe.classes
        }
    }

    /// Whether normalisations were folded into what is before them: they have to be found again, from examples.
    var isFolded: Bool { if case .model = weights { true } else { false } }

    /// Gives `network` the weights, but for layers of another shape, and for the last where it tells other classes apart. A wider one of the
    /// family begins as the narrower one within it.
    func give(_ network: Network, _ recipe: ModelRecipe) throws(Failure) {
        let left = classes == recipe.classes ? nil : network.lastDense?.name
        let taken: Int
        switch weights {
        case .model(let model): taken = try network.take(model, but: left)
        case .network(let start, let architecture):
            // Names tell other families apart, and what was folded for the board.
            let isKin = network.parameters.allSatisfy { start[$0.name] != nil }
            let isFamily = recipe.architecture.family == architecture.family
            if !isKin || isFamily && recipe.architecture.width < architecture.width {
                taken = 0
            } else if isFamily, recipe.architecture.width > architecture.width {
                taken = network.widen(start, but: left)
            } else {
                taken = network.copy(start, but: left.map { $0 + "." })
            }
        }
        guard taken > 0 else {
            throw Failure(
                .data, "\(path)", "is no \(recipe.architecture.family.rawValue) of width \(recipe.architecture.width) or less as training begins with",
                "give the NAME.float.safetensors of a recipe with this architecture, or its .tflite, or the checkpoint of a narrower one")
        }
        print("\(taken) of them are \(URL(fileURLWithPath: path).lastPathComponent)'s at first")
    }
}
