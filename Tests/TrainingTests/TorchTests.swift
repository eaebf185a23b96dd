import GoldenFiles
import Testing

@testable import Training

/// Forward and backward of every operation against PyTorch's, from Tests/Golden/make_training_golden.py.
@Suite struct TorchTests {
    let golden: SafeTensors

    init() throws { golden = try SafeTensors(path: Golden.folder + "/training/layers.safetensors") }

    private func tensor(_ name: String) throws -> Tensor {
        let (shape, values) = try #require(golden[name], "\(name)")
        return Tensor(shape, values)
    }

    /// Largest difference, relative to the largest value.
    private func difference(_ a: Tensor, _ b: Tensor) -> Float {
        guard a.count == b.count else { return .infinity }
        let top = b.array.reduce(1e-6) { max($0, abs($1)) }
        return zip(a.array, b.array).reduce(0) { max($0, abs($1.0 - $1.1)) } / top
    }

    private func check(_ name: String, parameters: [String] = [], _ operation: (Tape, [Variable]) -> Variable) throws {
        let inputs = try (["x"] + parameters).map { Variable(try tensor("\(name).\($0)"), needsGradient: true) }
        let tape = Tape(training: true)
        let y = operation(tape, inputs)
        #expect(difference(y.value, try tensor("\(name).y")) < 1e-5, "\(name) forward")
        // Σ y·dy has the gradient dy at y.
        let dy = Variable(try tensor("\(name).dy"))
        tape.backward(tape.linear(tape.reshape(y, [1, y.value.count]), Variable(Tensor([1, y.value.count], dy.value.array))))
        for (input, kind) in zip(inputs, ["x"] + parameters) {
            let gradient = try #require(input.gradient)
            #expect(difference(gradient, try tensor("\(name).d_\(kind)")) < 2e-5, "\(name) gradient of \(kind)")
        }
    }

    static let windows: [(String, WindowShape)] = [
        ("same", WindowShape([3, 5], stride: [2, 1])), ("valid", WindowShape([3, 2], stride: [1, 2], padding: .valid)),
        ("dilated", WindowShape([3, 1], dilation: [2, 1])),
    ]

    @Test(arguments: windows) func convolution(name: String, window: WindowShape) throws {
        try check("convolution_\(name)", parameters: ["weight", "bias"]) { $0.convolution($1[0], $1[1], bias: $1[2], window) }
    }

    @Test(arguments: windows) func depthwise(name: String, window: WindowShape) throws {
        try check("depthwise_\(name)", parameters: ["weight", "bias"]) { $0.depthwise($1[0], $1[1], bias: $1[2], window) }
    }

    @Test func linear() throws { try check("linear", parameters: ["weight", "bias"]) { $0.linear($1[0], $1[1], bias: $1[2]) } }

    @Test(arguments: [Activation.linear, .relu, .relu6]) func batchNorm(activation: Activation) throws {
        let name = "batch_norm_\(activation.rawValue)"
        let running = RunningStatistics(5)
        try check(name, parameters: ["weight", "bias"]) { $0.batchNorm($1[0], gamma: $1[1], beta: $1[2], running, activation: activation) }
        #expect(difference(running.mean, try tensor("\(name).mean")) < 1e-5)
        #expect(difference(running.variance, try tensor("\(name).variance")) < 1e-5)
    }

    @Test func subSpectral() throws {
        try check("sub_spectral", parameters: ["weight", "bias"]) {
            $0.batchNorm($1[0], gamma: $1[1], beta: $1[2], RunningStatistics(6), bands: 3)
        }
    }

    @Test func layerNorm() throws { try check("layer_norm", parameters: ["weight", "bias"]) { $0.layerNorm($1[0], gamma: $1[1], beta: $1[2]) } }

    @Test(arguments: [Activation.relu, .relu6, .hardSwish, .gelu, .sigmoid, .tanh, .swish]) func activation(_ activation: Activation) throws {
        try check("activation_\(activation.rawValue)") { $0.activate($1[0], activation) }
    }

    @Test func pools() throws {
        let window = WindowShape([2, 3], stride: [2, 2], padding: .valid)
        try check("average_pool") { $0.averagePool($1[0], window) }
        try check("max_pool") { $0.maxPool($1[0], window) }
    }

    @Test func attention() throws {
        try check("attention") { tape, inputs in tape.attention(tape.reshape(inputs[0], [3, 5, 1, 24]), heads: 2) }
    }

    @Test func losses() throws {
        let targets = try tensor("cross_entropy.targets"), teacher = try tensor("distillation.teacher")
        try check("cross_entropy") { $0.crossEntropy($1[0], targets: targets) }
        let labels = try tensor("smoothing.labels").array.map { Int32($0) }
        let smooth = labels.withUnsafeBufferPointer { Tape.targets($0, classes: 4, smoothing: 0.1) }
        try check("smoothing") { $0.crossEntropy($1[0], targets: smooth) }
        try check("distillation") { $0.distillation($1[0], teacher: teacher, temperature: 3) }
    }

    @Test(arguments: [Optimiser.Kind.sgd, .adamw]) func optimiser(kind: Optimiser.Kind) throws {
        let w = Variable(try tensor("\(kind.rawValue).start"), needsGradient: true)
        let optimiser = Optimiser([("w", w)], kind: kind, rate: 0.1, decay: 0.01)
        let gradients = try tensor("\(kind.rawValue).gradients")
        for i in 0..<5 {
            w.accumulate { $0.update(from: gradients.base + i * 12, count: 12) }
            #expect(optimiser.step())
        }
        #expect(difference(w.value, try tensor("\(kind.rawValue).end")) < 1e-5)
    }
}
