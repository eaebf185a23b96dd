import CLinux
import Support
import Testing

@testable import Compression
@testable import Training

/// Networks of the trainer as `.tflite`, run by the board's interpreter.
@Suite struct NetworkExportTests {
    static let architectures: [Architecture] = [
        Architecture(.dsCNN, width: 8, depth: 2), Architecture(.bcResNet, width: 50, bands: 1), Architecture(.bcResNet, width: 50, bands: 5),
        Architecture(.tcResNet, width: 50), Architecture(.matchboxNet, width: 16, depth: 1), Architecture(.kwt, width: 64, depth: 1), Architecture(.mixedNet, width: 12),
        Architecture(.bcResNet, width: 50, padding: .valid),
    ]

    private func network(_ architecture: Architecture) throws -> Network {
        let network = try Network(architecture.nodes(frames: 49, channels: 40, classes: 12))
        for seed in 0..<6 { _ = network(Tape(training: true, records: false), Variable(features(4, seed: UInt64(seed)))) }
        return network
    }

    private func features(_ samples: Int, seed: UInt64) -> Training.Tensor {
        var random = RandomGenerator(seed: seed)
        let x = Training.Tensor([samples, 49, 40, 1])
        // As the front-end has them: multiples of its scale.
        for i in 0..<x.count { x.base[i] = Float(random.next() % 256) * 0.1015625 }
        return x
    }

    private func scores(_ network: Network, _ x: Training.Tensor) -> [Float] {
        let tape = Tape(training: false)
        let logits = network(tape, Variable(x))
        return tape.activateSoftmax(logits).array
    }

    @Test(arguments: architectures) func floatComputesTheSame(_ architecture: Architecture) throws {
        let network = try network(architecture)
        let runner = try Runner(network.graph().graph)
        for seed in 10..<14 {
            let x = features(1, seed: UInt64(seed))
            let difference = zip(runner.run([x.array])[0], scores(network, x)).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(difference < 1e-4)
        }
    }

    /// What quantisation-aware training computes in floats is what the board computes in integers, but for roundings on the way.
    @Test(arguments: [architectures[0], architectures[3]]) func int8IsWhatTrainingSaw(_ architecture: Architecture) throws {
        let aware = try network(architecture).folded().quantisationAware()
        for seed in 0..<4 { _ = aware(Tape(training: true, records: false), Variable(features(8, seed: UInt64(seed)))) }
        let (float, ranges) = try aware.graph()
        var quantizer = Quantizer(.int8)
        quantizer.given["features"] = Quantizer.microFrontend
        let runner = try Runner(quantizer.quantized(float, ranges: ranges))
        #expect(runner.interpreter.inputs[0].tensor.type == .int8 && runner.interpreter.outputs[0].tensor.type == .int8)
        var worst: Float = 0
        for seed in 10..<20 {
            let x = features(1, seed: UInt64(seed))
            worst = zip(runner.run([x.array])[0], scores(aware, x)).reduce(worst) { max($0, abs($1.0 - $1.1)) }
        }
        // A score is a multiple of 1/256; sums of roundings of one in each of a dozen layers reach a few of these.
        #expect(worst < 0.05)
    }

    /// What was exported can be trained on: the same scores, and batches are normalised as before.
    @Test(arguments: [architectures[0], architectures[1], architectures[3], architectures[7]]) func modelsAreTrainedOn(_ architecture: Architecture) throws {
        let network = try network(architecture), x = features(16, seed: 20)
        let fresh = try Network(architecture.nodes(frames: 49, channels: 40, classes: 12), seed: 2)
        #expect(try fresh.take(network.graph().graph) > 0)
        #expect(difference(scores(fresh, x), scores(network, x)) < 1e-4)
        fresh.renormalise(x)
        #expect(difference(scores(fresh, x), scores(network, x)) < 1e-4)
        // Statistics are now those of these examples, but for variances' n − 1, and so is what training sees, but for dropout.
        var quiet = architecture
        quiet.dropout = 0
        let trained = try Network(quiet.nodes(frames: 49, channels: 40, classes: 12))
        #expect(trained.copy(fresh) == trained.parameterCount)
        let seen = trained(Tape(training: true, records: false), Variable(x)), known = fresh(Tape(training: false), Variable(x))
        #expect(difference(seen.value.array, known.value.array) < 1e-3)
    }

    @Test func integersAreTakenAsWhatTheyStandFor() throws {
        let architecture = Self.architectures[0], network = try network(architecture)
        let (float, _) = try network.graph()
        let calibration = try Calibration(float)
        for seed in 0..<8 { try calibration.observe([features(1, seed: UInt64(seed)).array]) }
        let fresh = try Network(architecture.nodes(frames: 49, channels: 40, classes: 12), seed: 2)
        let taken = try fresh.take(Quantizer(.int8).quantized(float, ranges: calibration.ranges(.minMax)), but: fresh.lastDense!.name)
        #expect(taken == fresh.parameterCount - fresh[fresh.lastDense!.name + ".weight"]!.value.count - 12)
        // Weights are rounded to 1/127 of a channel's largest.
        let wanted = try network.folded(), got = try fresh.folded()
        for (name, value) in wanted.parameters where name.hasSuffix(".weight") && !name.hasPrefix(fresh.lastDense!.name) {
            let largest = value.value.array.map(abs).max()!
            #expect(difference(got[name]!.value.array, value.value.array) <= largest / 127 / 2 * 1.01, "\(name)")
        }
    }

    @Test func othersAreNotTaken() throws {
        let fresh = try Network(Self.architectures[0].nodes(frames: 49, channels: 40, classes: 12))
        #expect(try fresh.take(network(Self.architectures[3]).graph().graph) == 0)
        let banded = try Network(Self.architectures[2].nodes(frames: 49, channels: 40, classes: 12))
        #expect(try banded.take(network(Self.architectures[2]).graph().graph) == 0)
    }

    private func difference(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } }

    @Test func streamingHearsTheNewestWindow() throws {
        let network = try network(Architecture(.mixedNet, width: 12))
        let (graph, _) = try network.graph(streaming: true)
        let runner = try Runner(graph)
        let step = runner.interpreter.inputs[0].tensor.shape[1]
        #expect(step == 3)
        // A window begins where a step does: its last frames that make no whole step are not used by the network either.
        let long = features(3, seed: 8).array
        var heard: [Float] = []
        for first in stride(from: 0, to: 120, by: step) {
            heard = runner.run([Array(long[first * 40..<(first + step) * 40])])[0]
        }
        // The last frame heard is 119; 5 + 3·14 = 47 frames are reached by the network's windows: 73…119.
        let reach = 47
        let window = Array(long[(120 - reach) * 40..<120 * 40]) + [Float](repeating: 0, count: (49 - reach) * 40)
        let wanted = scores(network, Training.Tensor([1, 49, 40, 1], window))
        #expect(zip(heard, wanted).allSatisfy { abs($0 - $1) < 1e-4 }, "\(heard) \(wanted)")
    }

    @Test func whatCannotStreamIsRefused() throws {
        for architecture in [Architecture(.dsCNN, width: 8), Architecture(.kwt, width: 64, depth: 1)] {
            let network = try network(architecture)
            #expect(throws: Failure.self) { try network.graph(streaming: true) }
        }
    }
}

extension Tape {
    fileprivate func activateSoftmax(_ logits: Variable) -> Training.Tensor {
        let top = logits.value.array.max()!
        let e = logits.value.array.map { expf($0 - top) }
        let sum = e.reduce(0, +)
        return Training.Tensor([e.count], e.map { $0 / sum })
    }
}
