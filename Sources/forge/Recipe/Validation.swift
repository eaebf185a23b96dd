import Dataset
import Evaluation
import Support
import Training

/// ModelFormat has one too.
private typealias Tensor = Training.Tensor

/// The clips that a training validates with: those of its epochs that hear them best are kept.
struct Validation {
    /// As they were recorded.
    let quiet: EvaluationSet
    /// The same with noise `Evaluator.noisy` dB below them, where there is some: what is learnt last is to hear through it.
    let noisy: EvaluationSet?

    /// Shares that are classified right.
    struct Accuracy {
        var quiet: Float
        var noisy: Float?
        var mean: Float { (quiet + (noisy ?? quiet)) / 2 }
    }

    init(_ bank: SoundBank, _ split: Split, _ recipe: ModelRecipe) throws(Failure) {
        quiet = try EvaluationSet(bank, classes: recipe.classes, split: split, settings: recipe.features)
        let hasNoise = bank.clips.contains { $0.split == split && $0.kind == .noise }
        noisy = hasNoise ? try EvaluationSet(bank, classes: recipe.classes, split: split, settings: recipe.features, snr: Evaluator.noisy) : nil
    }

    /// In floats.
    func accuracy(_ network: Network) -> Accuracy {
        Accuracy(quiet: share(quiet, network), noisy: noisy.map { share($0, network) })
    }

    private func share(_ clips: EvaluationSet, _ network: Network) -> Float {
        let size = clips.settings.count
        var right = 0
        for first in stride(from: 0, to: clips.count, by: 64) {
            let n = min(64, clips.count - first)
            let features = Tensor([n, clips.settings.frames, Features.channels, 1])
            for i in 0..<n * size { features.base[i] = clips.features[first * size + i] }
            let logits = network(Tape(training: false), Variable(features)).value
            for i in 0..<n where logits.largest(row: i, of: clips.classes.count) == Int(clips.labels[first + i]) { right += 1 }
        }
        return Float(right) / Float(max(clips.count, 1))
    }
}
