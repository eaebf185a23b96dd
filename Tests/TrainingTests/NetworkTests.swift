import Testing

@testable import Training

@Suite struct NetworkTests {
    static let architectures: [Architecture] = [
        Architecture(.dsCNN, width: 8, depth: 2), Architecture(.bcResNet, width: 50, bands: 1), Architecture(.bcResNet, width: 50, bands: 5),
        Architecture(.tcResNet, width: 50), Architecture(.matchboxNet, width: 16, depth: 1), Architecture(.kwt, width: 64, depth: 2), Architecture(.mixedNet, width: 12),
    ]

    static func network(_ architecture: Architecture, seed: UInt64 = 1) throws -> Network {
        try Network(architecture.nodes(frames: 49, channels: 40, classes: 12), seed: seed)
    }

    static func features(_ samples: Int, seed: UInt64 = 5) -> Variable {
        var random = RandomGenerator(seed: seed)
        let x = Tensor([samples, 49, 40, 1])
        for i in 0..<x.count { x.base[i] = random.uniform() * 26 }
        return Variable(x)
    }

    /// So that normalisations have something to fold: a few steps in training mode.
    static func warm(_ network: Network) {
        for seed in 0..<6 { _ = network(Tape(training: true, records: false), features(4, seed: UInt64(seed))) }
        var random = RandomGenerator(seed: 77)
        for (name, value) in network.parameters where value.shape.count == 1 && !name.hasSuffix(".range") {
            for i in 0..<value.value.count { value.value.base[i] += 0.3 * random.normal() }
        }
    }

    static func difference(_ a: Tensor, _ b: Tensor) -> Float {
        let top = b.array.reduce(1e-6) { max($0, abs($1)) }
        return zip(a.array, b.array).reduce(0) { max($0, abs($1.0 - $1.1)) } / top
    }

    @Test(arguments: architectures) func foldedComputesTheSame(_ architecture: Architecture) throws {
        let network = try Self.network(architecture)
        Self.warm(network)
        let folded = try network.folded()
        let x = Self.features(3)
        #expect(Self.difference(folded(Tape(training: false), x).value, network(Tape(training: false), x).value) < 1e-4)
        #expect(!folded.nodes.contains { if case .batchNorm(1, _) = $0.layer { true } else { false } })
        #expect(!folded.nodes.contains { if case .dropout = $0.layer { true } else { false } })
    }

    /// RepVGG's block: 3 × 3, 1 × 1 and identity, each normalised, become one convolution.
    @Test func parallelBranchesMerge() throws {
        var net = NetworkBuilder(input: [49, 40, 1])
        let entry = net.convolution(6, WindowShape([3, 3], stride: [4, 4]))
        let wide = net.depthwise(WindowShape([3, 3]), .linear, from: entry)
        let narrow = net.depthwise(WindowShape([1, 1]), .linear, from: entry)
        let identity = net.normalise(entry, .linear)
        _ = net.add(.add(activation: .relu), "add", to: [wide, narrow, identity])
        _ = net.add(.mean(time: true, frequency: true), "mean")
        _ = net.dense(12)
        let network = try Network(net.nodes)
        Self.warm(network)
        let folded = try network.folded()
        #expect(folded.nodes.map(\.name) == ["input", "conv1", "depthwise1", "mean1", "dense1"])
        let x = Self.features(3)
        #expect(Self.difference(folded(Tape(training: false), x).value, network(Tape(training: false), x).value) < 1e-4)
    }

    @Test(arguments: architectures) func learnsAFewExamples(_ architecture: Architecture) throws {
        let network = try Self.network(architecture)
        let optimiser = Optimiser(network.parameters, rate: 3e-3, decay: 0, clip: 5)
        // Each is loud in a part of the spectrum of its own.
        let x = Self.features(6)
        for i in 0..<x.value.count where i % 40 / 7 == i / (49 * 40) { x.value.base[i] += 20 }
        let labels: [Int32] = [0, 3, 5, 7, 9, 11]
        var losses: [Float] = []
        // Some learn in thirty steps, narrow ones need more.
        for step in 0..<240 where losses.count < 10 || losses.suffix(5).reduce(0, +) / 5 >= 0.5 * losses[0] {
            let tape = Tape(training: true, seed: UInt64(step))
            let loss = tape.crossEntropy(network(tape, x), targets: labels.withUnsafeBufferPointer { Tape.targets($0, classes: 12, smoothing: 0) })
            losses.append(loss.value.base[0])
            tape.backward(loss)
            #expect(optimiser.step())
        }
        #expect(losses.suffix(5).reduce(0, +) / 5 < 0.5 * losses[0], "\(losses)")
    }

    /// What a wider network begins with gives the narrow one's logits, and all its channels learn.
    @Test(arguments: [
        (Architecture(.bcResNet, width: 50), 80), (Architecture(.bcResNet, width: 50, bands: 5), 80), (Architecture(.dsCNN, width: 8, depth: 2), 11), (Architecture(.tcResNet, width: 50), 60),
    ]) func widerBeginsAsTheNarrow(_ architecture: Architecture, _ width: Int) throws {
        let narrow = try Self.network(architecture)
        Self.warm(narrow)
        var wide = architecture
        wide.width = width
        let network = try Self.network(wide, seed: 4), x = Self.features(3)
        #expect(network.widen(narrow) == narrow.parameterCount)
        let wanted = narrow(Tape(training: false), x).value
        #expect(Self.difference(network(Tape(training: false), x).value, wanted) < 1e-5)

        let tape = Tape(training: true)
        let labels: [Int32] = [1, 5, 9]
        let targets = labels.withUnsafeBufferPointer { Tape.targets($0, classes: 12, smoothing: 0) }
        tape.backward(tape.crossEntropy(network(tape, x), targets: targets))
        let dense = try #require(network.lastDense), gradient = try #require(network["\(dense.name).weight"]?.gradient).array
        let columns = network["\(dense.name).weight"]!.shape[1], old = narrow["\(dense.name).weight"]!.shape[1]
        #expect(old < columns && (old..<columns).contains { gradient[$0] != 0 })

        // Not backwards, and of other classes without the last layer.
        #expect(try Self.network(architecture).widen(network) == 0)
        let left = try Self.network(wide, seed: 4)
        #expect(left.widen(narrow, but: dense.name) == narrow.parameterCount - 12 * (old + 1))
    }

    /// Queries, keys and values stand side by side: new channels would move the old.
    @Test func transformersAreNotWidened() throws {
        let narrow = try Self.network(Architecture(.kwt, width: 64, depth: 1))
        #expect(try Self.network(Architecture(.kwt, width: 128, depth: 1)).widen(narrow) == 0)
    }

    @Test func integersAreNearTheFloats() throws {
        let network = try Self.network(Architecture(.dsCNN, width: 16, depth: 2))
        Self.warm(network)
        let aware = try network.folded().quantisationAware()
        _ = aware(Tape(training: true, records: false), Self.features(8))
        let x = Self.features(8)
        let float = network(Tape(training: false), x).value, integers = aware(Tape(training: false), x).value
        let error = Self.difference(integers, float)
        #expect(error < 0.15 && error > 0)
        let again = try aware.folded()
        #expect(Self.difference(again(Tape(training: false), x).value, integers) < 1e-5)
    }

    @Test func whatDoesNotFitIsSaid() {
        let unfit: [[Node]] = [
            [Node("input", .input(shape: [49, 40, 1]), []), Node("a", .activation(.relu), [1])],
            [Node("input", .input(shape: [49, 40, 1]), []), Node("input", .activation(.relu), [0])],
            [Node("input", .input(shape: [4, 40, 1]), []), Node("a", .depthwise(window: WindowShape([9, 1], padding: .valid), bias: true, activation: .relu), [0])],
            [Node("input", .input(shape: [49, 40, 1]), []), Node("a", .batchNorm(bands: 3, activation: .linear), [0])],
            [Node("input", .input(shape: [49, 40, 1]), []), Node("a", .reshape([3, 3, 3]), [0])],
        ]
        for nodes in unfit { #expect(throws: (any Error).self) { try Network(nodes) } }
    }
}
