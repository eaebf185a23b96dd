import Dataset
import Foundation
import Support
import Training

/// ModelFormat has one too.
private typealias Tensor = Training.Tensor

/// What a recipe works on: examples to learn from, and clips to validate with.
struct Workbench {
    let recipe: ModelRecipe
    private(set) var sampler: Sampler
    let validation: Validation

    init(_ recipe: ModelRecipe, data: [String]) throws(Failure) {
        self.recipe = recipe
        var corpus = try Corpus(data, resplit: Set(recipe.resplit))
        try corpus.check(words: recipe.words)
        nonisolated(unsafe) var line = ProgressLine()
        let training = try SoundBank(corpus, splits: [.train]) { done, total in
            if Thread.isMainThread { line.show("reading", done, of: total) }
        }
        line.clear()
        Self.tell(training.remarks)
        sampler = try Sampler(training, classes: recipe.classes, settings: recipe.samplerSettings)
        if corpus.clips.contains(where: { $0.split == .validation }) {
            validation = try Validation(SoundBank(corpus, splits: [.validation]), .validation, recipe)
        } else {
            say("nobody is left to validate with: training shows how well it knows what it learnt from, not how well it hears others")
            validation = try Validation(training, .train, recipe)
        }
    }

    private static func tell(_ remarks: [String]) {
        for remark in remarks.prefix(8) { say(remark) }
        if remarks.count > 8 { say("and \(remarks.count - 8) remarks like these") }
    }

    /// Examples of an epoch, made by so many threads; with what teachers said of their sources, or companions say of them.
    func batch(_ epoch: Int, _ range: Swift.Range<Int>, _ teaching: Teaching?, _ companions: Companions? = nil, threads: Int = 1) -> Batch {
        let features = Tensor([range.count, recipe.features.frames, Features.channels, 1])
        var labels = [Int32](repeating: 0, count: range.count), sources = labels
        labels.withUnsafeMutableBufferPointer { labels in
            sources.withUnsafeMutableBufferPointer { sources in
                sampler.fill(epoch: epoch, range, features: features.values, labels: labels, sources: sources, threads: threads)
            }
        }
        let heard = companions?.answer(features)
        guard teaching != nil || heard != nil else { return Batch(features: features, labels: labels) }
        let unknown = sampler.unknown ?? -1
        var isTaught = labels.indices.map { n in
            let source = Int(sources[n])
            // Nobody asked about what was mined.
            guard let teaching, source >= 0, source < teaching.count else { return false }
            if labels[n] < 0 {
                if teaching.hearsWord(source, atLeast: recipe.teacher.certainty) { return true }
                labels[n] = unknown
                return false
            }
            return recipe.teacher.contradicts || teaching.agrees(source, with: labels[n])
        }
        let classes = recipe.classes.count
        let teacher = heard ?? Tensor([range.count, classes], repeating: 0)
        if heard != nil {
            // Companions have an opinion of whatever is heard.
            isTaught = isTaught.map { _ in true }
        } else if let teaching {
            for (n, source) in sources.enumerated() where isTaught[n] {
                (teacher.base + n * classes).update(from: teaching.row(Int(source)), count: classes)
            }
        }
        var batch = Batch(features: features, labels: labels, teacher: teacher, isTaught: isTaught)
        if let known = teaching?.features {
            let width = known.shape[1], wanted = Tensor([range.count, width], repeating: 0)
            for (n, source) in sources.enumerated() where isTaught[n] {
                (wanted.base + n * width).update(from: known.base + Int(source) * width, count: width)
            }
            batch.teacherFeatures = wanted
        }
        return batch
    }

    /// Looks for what `network` takes for words in running sound, to learn from as the recipe says; how many windows there are.
    mutating func mine(_ network: Network) throws(Failure) -> Int {
        nonisolated(unsafe) var line = ProgressLine()
        let mined = try HardNegatives(recipe, sampler, network) { what, done, total in line.show(what, done, of: total) }
        line.clear()
        sampler = Sampler(sampler, mined: mined.windows, share: recipe.quantisation.mined)
        return mined.windows.count
    }
}

extension ModelRecipe {
    /// A new network for the recipe.
    func network() throws(Failure) -> Network {
        try Network(architecture.nodes(frames: features.frames, channels: Features.channels, classes: classes.count), seed: seed)
    }
}
