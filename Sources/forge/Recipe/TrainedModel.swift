import Dataset
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
        guard let text = checkpoint.notes[Self.recipeKey] else {
            throw Failure(.data, "\(path)", "says nothing of its classes and features", "give a checkpoint that katydid-forge train wrote")
        }
        // Recipes of earlier versions leave out what is new.
        recipe = try Recipe.decode(Data(text.utf8), over: ModelRecipe(), name: path)
    }
}
