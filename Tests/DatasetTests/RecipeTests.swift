import Foundation
import Support
import Testing

@testable import Dataset

struct RecipeTests {
    @Test func whatIsLeftOutKeepsItsDefault() throws {
        let text = #"{"seed": 5, "shares": {"noise": 0.5}, "augmentation": {"speed": 0}}"#
        let settings = try Recipe.decode(Data(text.utf8), over: Sampler.Settings(), name: "recipe.json")
        var expected = Sampler.Settings()
        expected.seed = 5
        expected.shares.noise = 0.5
        expected.augmentation.speed = 0
        #expect(settings == expected)
    }

    @Test(arguments: [
        (#"{"shares": {"nose": 1}}"#, "there is no setting shares.nose"), (#"{"seed": "x"}"#, "seed is no Int"), ("[1]", "is no JSON object"), ("{", "is no JSON"),
    ]) func mistakesAreNamed(_ text: String, _ why: String) {
        do {
            _ = try Recipe.decode(Data(text.utf8), over: Sampler.Settings(), name: "recipe.json")
            Issue.record("was taken")
        } catch { #expect(error.line.contains("recipe.json: \(why)"), "\(error.line)") }
    }
}
