import Support
import Training

/// A teacher that hears each batch as the network that learns does: a checkpoint of the same features.
struct Companion {
    private let network: Network
    /// Where each of the recipe's classes stands in its own.
    private let order: [Int]

    /// The recipe's; nil without one. Throws `Failure` for a checkpoint of other features or classes.
    init?(_ recipe: ModelRecipe) throws(Failure) {
        guard !recipe.teacher.companion.isEmpty else { return nil }
        let path = recipe.teacher.companion, trained = try TrainedModel(path: path)
        guard trained.recipe.features == recipe.features else {
            throw Failure(.configuration, "\(path)", "learnt from other features", "a companion hears what the network hears: use its \"features\"")
        }
        network = trained.network
        order = try katydid_forge.order(recipe.classes, in: trained.recipe.classes, of: path)
    }

    /// Logits [n, classes] of features [n, frames, channels, 1].
    func answer(_ features: Tensor) -> Tensor {
        let given = network(Tape(training: false), Variable(features)).value
        let count = features.shape[0], width = given.count / count
        let logits = Tensor([count, order.count])
        for n in 0..<count {
            for (c, at) in order.enumerated() { logits.base[n * order.count + c] = given.base[n * width + at] }
        }
        return logits
    }
}
