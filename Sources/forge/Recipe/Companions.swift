import Foundation
import Support
import Training

/// Teachers that hear each batch as the network that learns does: checkpoints of the same features, averaged as probabilities.
struct Companions {
    /// A network, and where each of the recipe's classes stands in its own.
    private let members: [(network: Network, order: [Int])]

    /// The recipe's; nil without one. Throws `Failure` for a checkpoint of other features or classes.
    init?(_ recipe: ModelRecipe) throws(Failure) {
        guard !recipe.teacher.companions.isEmpty else { return nil }
        var members: [(Network, [Int])] = []
        for path in recipe.teacher.companions {
            let trained = try TrainedModel(path: path)
            guard trained.recipe.features == recipe.features else {
                throw Failure(.configuration, "\(path)", "learnt from other features", "a companion hears what the network hears: use its \"features\"")
            }
            members.append((trained.network, try order(recipe.classes, in: trained.recipe.classes, of: path)))
        }
        self.members = members
    }

    /// Logits [n, classes] of features [n, frames, channels, 1].
    func answer(_ features: Tensor) -> Tensor {
        let count = features.shape[0], classes = members[0].order.count
        let logits = Tensor([count, classes], repeating: 0)
        for (network, order) in members {
            let given = network(Tape(training: false), Variable(features)).value.array, width = given.count / count
            for n in 0..<count {
                let p = Teachers.probabilities(Array(given[n * width..<(n + 1) * width]))
                for c in 0..<classes { logits.base[n * classes + c] += p[order[c]] / Float(members.count) }
            }
        }
        for i in 0..<logits.count { logits.base[i] = Teachers.score(logits.base[i]) }
        return logits
    }
}
