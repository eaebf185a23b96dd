import Foundation
import Support

/// Trains a network by a plan, from batches that the caller makes. Everything that happens follows from the seed and the place
/// (epoch and step), so that a training that was interrupted goes on as if it had not been.
public final class Trainer {
    /// Where a training is.
    public struct Progress: Codable, Sendable {
        public var epoch = 0
        /// Steps of this epoch that are done.
        public var step = 0
        /// Scores are not negative; JSON knows no infinity.
        public var bestScore: Float = -1
        /// Of the steps of this epoch.
        public var lossSum = 0.0
        public var right = 0
        public var seen = 0

        public var loss: Float { step == 0 ? 0 : Float(lossSum / Double(step)) }
        /// Share of examples of this epoch that were classified right, as they were augmented.
        public var accuracy: Float { seen == 0 ? 0 : Float(right) / Float(seen) }
    }

    public let network: Network
    public let plan: Plan
    public private(set) var progress = Progress()
    private let optimiser: Optimiser
    private let average: MovingAverage?
    /// Brings the student's features to the teacher's width.
    private let projection: Variable?

    /// `featureWidth`: of the teacher's features, where the plan aligns with them; they are compared with what the last dense
    /// layer takes.
    public init(_ network: Network, _ plan: Plan, featureWidth: Int = 0) throws(Failure) {
        guard plan.epochs > 0, plan.batch > 0, plan.examples >= plan.batch, plan.rate > 0 else {
            throw Failure(.data, "the training plan", "epochs, batch, rate and examples must be positive, and examples fill a batch", "correct the recipe")
        }
        self.network = network
        self.plan = plan
        var trained = network.parameters
        if plan.alignment > 0, featureWidth > 0 {
            var random = RandomGenerator(seed: plan.seed &+ 7)
            let width = network.shapes[network.embeddingNode].reduce(1, *)
            let weights = Tensor([featureWidth, width])
            for i in 0..<weights.count { weights.base[i] = random.normal() / Float(width).squareRoot() }
            let projection = Variable(weights, needsGradient: true)
            trained.append(("projection", projection))
            self.projection = projection
        } else {
            projection = nil
        }
        optimiser = Optimiser(trained, kind: plan.optimiser, rate: plan.rate, decay: plan.decay, momentum: plan.momentum, clip: plan.clip)
        average = plan.average > 0 ? MovingAverage(try Network(network.nodes), of: network, keep: plan.average) : nil
    }

    public var stepsPerEpoch: Int { plan.examples / plan.batch }
    public var isDone: Bool { progress.epoch >= plan.epochs }
    /// What is evaluated and kept: the average where there is one.
    public var result: Network { average?.network ?? network }

    /// Whether a better score than any before; counts it.
    public func isBest(_ score: Float) -> Bool {
        guard score > progress.bestScore else { return false }
        progress.bestScore = score
        return true
    }

    /// One step. `batch` gives examples `range` of an epoch.
    public func step(_ batch: (_ epoch: Int, _ range: Range<Int>) throws -> Batch) rethrows {
        if progress.step == 0 { (progress.lossSum, progress.right, progress.seen) = (0, 0, 0) }
        let first = progress.step * plan.batch
        let batch = try batch(progress.epoch, first..<first + plan.batch)
        let number = progress.epoch * stepsPerEpoch + progress.step
        let tape = Tape(training: true, seed: plan.seed &* 0x9e37_79b9 &+ UInt64(number))
        var embedding: Variable?
        let logits = network(tape, Variable(batch.features)) { [network] i, output in if i == network.embeddingNode { embedding = output } }
        let loss = loss(tape, logits, embedding, batch)
        count(logits.value, batch.labels)
        tape.backward(loss)
        optimiser.step(factor: Float(plan.schedule.factor(Double(number) / Double(plan.epochs * stepsPerEpoch))))
        average?.update(network)

        progress.lossSum += Double(loss.value.base[0])
        progress.step += 1
    }

    /// Goes to the next epoch where this one is done; true then.
    public func finishEpoch() -> Bool {
        guard progress.step >= stepsPerEpoch else { return false }
        progress.epoch += 1
        progress.step = 0
        return true
    }

    private func loss(_ tape: Tape, _ logits: Variable, _ embedding: Variable?, _ batch: Batch) -> Variable {
        let classes = network.classes
        let targets = batch.labels.withUnsafeBufferPointer { Tape.targets($0, classes: classes, smoothing: plan.smoothing) }
        guard let teacher = batch.teacher else { return tape.crossEntropy(logits, targets: targets) }
        // Where the teacher speaks, labels get what it leaves.
        for (n, isTaught) in batch.isTaught.enumerated() where isTaught && batch.labels[n] >= 0 {
            for c in 0..<classes { targets.base[n * classes + c] *= 1 - plan.teaching }
        }
        var losses: [(loss: Variable, weight: Float)] = [
            (tape.crossEntropy(logits, targets: targets), 1),
            (tape.distillation(logits, teacher: teacher, of: batch.isTaught, temperature: plan.temperature), plan.teaching),
        ]
        if let projection, let embedding, let wanted = batch.teacherFeatures {
            let flat = tape.reshape(embedding, [batch.labels.count, embedding.value.count / batch.labels.count])
            losses.append((tape.alignment(flat, projection: projection, to: wanted, of: batch.isTaught), plan.alignment))
        }
        return tape.sum(losses)
    }

    private func count(_ logits: Tensor, _ labels: [Int32]) {
        let classes = network.classes
        for (n, label) in labels.enumerated() where label >= 0 {
            progress.seen += 1
            if logits.largest(row: n, of: classes) == Int(label) { progress.right += 1 }
        }
    }

    // MARK: Going on later

    static let progressKey = "katydid.progress"

    /// The whole state: the network as it is trained, its average, the optimiser's.
    public func checkpoint(notes: [String: String]) -> Checkpoint {
        var checkpoint = Checkpoint(network, notes: notes)
        if let text = try? JSONEncoder().encode(progress) { checkpoint.notes[Self.progressKey] = String(decoding: text, as: UTF8.self) }
        for (name, tensor) in state { checkpoint.extra.append((name, tensor.shape, tensor.array)) }
        return checkpoint
    }

    /// Goes on from a checkpoint of the same plan and network. Throws `Failure` where something of it is missing.
    public func resume(_ checkpoint: Checkpoint) throws(Failure) {
        guard checkpoint.network.nodes == network.nodes, let text = checkpoint.notes[Self.progressKey],
            let progress = try? JSONDecoder().decode(Progress.self, from: Data(text.utf8))
        else { throw Failure(.data, "the checkpoint", "is of another network, or not of a training", "train into another folder, or start anew") }
        network.copy(checkpoint.network)
        for (name, tensor) in state {
            guard let (_, _, values) = checkpoint.extra.first(where: { $0.name == name }), values.count == tensor.count else {
                throw Failure(.data, "the checkpoint", "\(name) is missing", "start anew")
            }
            tensor.fill(from: Tensor(tensor.shape, values))
        }
        self.progress = progress
        optimiser.steps = progress.epoch * stepsPerEpoch + progress.step
        average?.steps = optimiser.steps
    }

    /// Everything besides the network that a step changes.
    private var state: [(name: String, tensor: Tensor)] {
        var state: [(String, Tensor)] = []
        for (i, (name, _)) in optimiser.parameters.enumerated() {
            state.append(("optimiser.first.\(name)", optimiser.first[i]))
            if !optimiser.second.isEmpty { state.append(("optimiser.second.\(name)", optimiser.second[i])) }
        }
        if let projection { state.append(("projection", projection.value)) }
        if let average = average?.network {
            for (name, value) in average.parameters { state.append(("average.\(name)", value.value)) }
            for (name, statistics) in average.statistics.sorted(by: { $0.key < $1.key }) {
                state.append(("average.\(name).running_mean", statistics.mean))
                state.append(("average.\(name).running_var", statistics.variance))
            }
            for (name, range) in average.ranges.sorted(by: { $0.key < $1.key }) where !range.isLearnt {
                state.append(("average.\(name).range", range.bounds.value))
            }
        }
        return state
    }
}

extension Network {
    /// The node whose output the last dense layer takes: what the network knows of a sound.
    public var embeddingNode: Int {
        lastDense?.inputs[0] ?? nodes.count - 1
    }

    /// What tells the classes apart.
    public var lastDense: Node? {
        nodes.last { if case .dense = $0.layer { true } else { false } }
    }
}

extension Tensor {
    /// The index of the largest of a row of `width`.
    public func largest(row: Int, of width: Int) -> Int {
        var best = 0
        for c in 1..<width where base[row * width + c] > base[row * width + best] { best = c }
        return best
    }
}
