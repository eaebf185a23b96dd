import Dataset
import Support
import Training

/// Running sound in which a network hears words that no teacher hears there, as one meets it who listens for an hour.
struct HardNegatives {
    let windows: [(clip: Int, start: Int)]

    /// Hears speech and noise of the bank in steps of 160 ms. After a word it goes on half a second later.
    init(
        _ recipe: ModelRecipe, _ sampler: Sampler, _ network: Network, progress: @escaping @Sendable (_ what: String, _ done: Int, _ of: Int) -> Void
    ) throws(Failure) {
        let settings = recipe.features, size = settings.count, batch = 64
        let hop = max(160 / settings.step, 1), pause = max(500 / settings.step, 1)
        let silence = [Int16](repeating: 0, count: settings.samples / 2)
        var frontend = try Features(settings)
        var heard: [(clip: Int, start: Int)] = []
        // Of several clips together, so that the network always has a whole batch.
        var waiting: [(clip: Int, frame: Int)] = []
        var features = Training.Tensor([batch, settings.frames, Features.channels, 1], repeating: 0)
        var last = (clip: -1, frame: 0)
        func hear() {
            let logits = network(Tape(training: false), Variable(features)).value
            for (n, window) in waiting.enumerated() {
                let row = UnsafeBufferPointer(start: logits.base + n * recipe.classes.count, count: recipe.classes.count)
                let word = Teachers.probabilities(Array(row))[2...].max() ?? 0
                guard word >= recipe.quantisation.minedScore, last.clip != window.clip || window.frame >= last.frame + pause else { continue }
                last = window
                heard.append((window.clip, window.frame * settings.stepSamples - silence.count))
            }
            waiting = []
            features = Training.Tensor([batch, settings.frames, Features.channels, 1], repeating: 0)
        }
        let running = sampler.bank.clips.indices.filter { !sampler.bank.clips[$0].kind.isWord }
        for (n, clip) in running.enumerated() {
            if sampler.bank.clips[clip].kind == .unlabelled, recipe.teacher.models.isEmpty { continue }
            let frames = frontend.all(of: silence + sampler.bank.sounds[clip] + silence)
            for first in stride(from: 0, through: frames.count / Features.channels - settings.frames, by: hop) {
                for i in 0..<size { features.base[waiting.count * size + i] = frames[first * Features.channels + i] }
                waiting.append((clip, first))
                if waiting.count == batch { hear() }
            }
            if n % 16 == 0 { progress("listening to running sound", n, running.count) }
        }
        hear()
        guard !recipe.teacher.models.isEmpty, !heard.isEmpty else {
            windows = heard
            return
        }
        // Who speaks for hours does say "no" and "right".
        let all = Sampler(sampler, mined: heard, share: 1)
        let answers = try Teachers(recipe).answers(sampler.sources.count..<all.sources.count, all) { progress("asking the teacher", $0, $1) }
        windows = zip(heard, answers).filter { $1.probabilities[2...].allSatisfy { $0 < recipe.teacher.certainty } }.map { $0.0 }
    }
}
