import Foundation
import Support
import Training

/// A checkpoint with the recipe that it was trained by.
struct TrainedModel {
    static let recipeKey = "katydid.recipe"
    /// What was measured, for people.
    static let resultKey = "katydid.result"

    var network: Network
    var recipe: ModelRecipe
    var checkpoint: Checkpoint

    init(path: String) throws(Failure) {
        checkpoint = try Checkpoint(path: path)
        network = checkpoint.network
        guard let text = checkpoint.notes[Self.recipeKey], let recipe = try? JSONDecoder().decode(ModelRecipe.self, from: Data(text.utf8)) else {
            throw Failure(.data, "\(path)", "says nothing of its classes and features", "give a checkpoint that katydid-forge train wrote")
        }
        self.recipe = recipe
    }
}
