import CLinux
import Support
import Testing

@testable import Training

/// Three classes that differ by where they are loud.
private func batch(_ epoch: Int, _ range: Swift.Range<Int>) -> Batch {
    let features = Tensor([range.count, 49, 40, 1], repeating: 0)
    var labels: [Int32] = []
    for (n, index) in range.enumerated() {
        var random = RandomGenerator(seed: UInt64(epoch * 10_000 + index))
        let label = Int(random.next() % 3)
        labels.append(Int32(label))
        for t in 0..<49 {
            for f in 0..<40 {
                features.base[(n * 49 + t) * 40 + f] = random.uniform() * 4 + (f / 13 == label ? 6 : 0)
            }
        }
    }
    return Batch(features: features, labels: labels)
}

@Suite struct TrainerTests {
    private let folder: String

    init() throws {
        var template = Array("/tmp/katydid-trainer-XXXXXX".utf8CString)
        folder = try template.withUnsafeMutableBufferPointer { String(cString: try #require(mkdtemp($0.baseAddress!))) }
    }

    private var plan: Plan {
        var plan = Plan()
        plan.epochs = 2
        plan.examples = 64
        plan.batch = 16
        plan.rate = 5e-3
        plan.average = 0.8
        return plan
    }

    private func network() throws -> Network {
        try Network(Architecture(.dsCNN, width: 8, depth: 1).nodes(frames: 49, channels: 40, classes: 3))
    }

    private func train(_ trainer: Trainer, steps: Int = .max) {
        var left = steps
        while !trainer.isDone, left > 0 {
            trainer.step(batch)
            _ = trainer.finishEpoch()
            left -= 1
        }
    }

    @Test func learns() throws {
        var plan = plan
        plan.epochs = 6
        plan.examples = 256
        let trainer = try Trainer(network(), plan)
        train(trainer)
        let test = batch(99, 0..<60)
        let logits = trainer.result(Tape(training: false), Variable(test.features)).value
        let right = test.labels.indices.count { logits.largest(row: $0, of: 3) == Int(test.labels[$0]) }
        #expect(right >= 55)
        #expect(trainer.progress.accuracy > 0.8)
    }

    @Test func sameSeedSameNetwork() throws {
        let (a, b) = (try Trainer(network(), plan), try Trainer(network(), plan))
        train(a)
        train(b)
        for (mine, theirs) in zip(a.result.parameters, b.result.parameters) { #expect(mine.value.value.array == theirs.value.value.array) }
    }

    /// Interrupted in the middle of an epoch, written, read, gone on with: as if nothing had happened.
    @Test(arguments: [Optimiser.Kind.adamw, .sgd]) func resumesExactly(kind: Optimiser.Kind) throws {
        var plan = plan
        plan.optimiser = kind
        let whole = try Trainer(network(), plan)
        train(whole)

        let first = try Trainer(network(), plan)
        train(first, steps: 3)
        try first.checkpoint(notes: ["katydid.recipe": "{}"]).write(to: folder + "/last.safetensors")
        let second = try Trainer(network(), plan)
        try second.resume(Checkpoint(path: folder + "/last.safetensors"))
        #expect(second.progress.step == 3)
        train(second)
        for (mine, theirs) in zip(whole.result.parameters, second.result.parameters) {
            #expect(mine.value.value.array == theirs.value.value.array, "\(mine.name)")
        }
        #expect(whole.progress.loss == second.progress.loss)
    }

    @Test func quantisationAwareTrainingGoesOnToo() throws {
        let aware = try network().folded().quantisationAware(learnt: true)
        let first = try Trainer(aware, plan)
        train(first, steps: 3)
        try first.checkpoint(notes: [:]).write(to: folder + "/aware.safetensors")
        let read = try Checkpoint(path: folder + "/aware.safetensors")
        let x = Variable(batch(7, 0..<4).features)
        #expect(read.network(Tape(training: false), x).value.array == aware(Tape(training: false), x).value.array)
    }

    @Test func aTeacherIsHeard() throws {
        // Labels say nothing; the teacher knows.
        var plan = plan
        plan.epochs = 6
        plan.examples = 256
        plan.teaching = 1
        let trainer = try Trainer(network(), plan)
        while !trainer.isDone {
            trainer.step { epoch, range in
                var batch = batch(epoch, range)
                let teacher = Tensor([range.count, 3], repeating: -3)
                for (n, label) in batch.labels.enumerated() { teacher.base[n * 3 + Int(label)] = 3 }
                batch.teacher = teacher
                batch.isTaught = batch.labels.map { _ in true }
                batch.labels = batch.labels.map { _ in -1 }
                return batch
            }
            _ = trainer.finishEpoch()
        }
        let test = batch(99, 0..<60)
        let logits = trainer.result(Tape(training: false), Variable(test.features)).value
        #expect(test.labels.indices.count { logits.largest(row: $0, of: 3) == Int(test.labels[$0]) } >= 55)
    }

    @Test func otherCheckpointsAreRefused() throws {
        let trainer = try Trainer(network(), plan)
        let other = try Network(Architecture(.dsCNN, width: 9, depth: 1).nodes(frames: 49, channels: 40, classes: 3))
        #expect(throws: Failure.self) { try trainer.resume(Checkpoint(other)) }
        #expect(throws: Failure.self) { try trainer.resume(Checkpoint(network())) }
    }

    @Test func damagedCheckpointsAreRefused() throws {
        let path = folder + "/whole.safetensors"
        try Checkpoint(network()).write(to: path)
        let whole = try MappedFile(path)
        let bytes = (0..<whole.count).map { whole.bytes[$0] }
        let broken = folder + "/broken.safetensors"
        var random = RandomGenerator(seed: 4)
        for trial in 0..<60 {
            var damaged = bytes
            if trial < 20 {
                damaged = Array(damaged.prefix(damaged.count * trial / 20))
            } else {
                // In the header, where it matters.
                for _ in 0..<4 { damaged[Int(random.next() % 600)] = UInt8(truncatingIfNeeded: random.next()) }
            }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(damaged.count, 1), alignment: 8)
            defer { copy.deallocate() }
            copy.copyBytes(from: damaged)
            try writeFile(broken, [UnsafeRawBufferPointer(rebasing: copy[..<damaged.count])])
            // Refused, or what was changed was a name that nobody reads; never a crash.
            do { _ = try Checkpoint(path: broken) } catch { #expect(!error.why.isEmpty) }
        }
        #expect(throws: Failure.self) { try Checkpoint(path: folder + "/missing.safetensors") }
    }
}
