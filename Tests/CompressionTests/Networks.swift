import Compression

/// Small float networks with seeded weights, and inputs for them.
struct Random {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    /// Sum of four uniforms, near enough to a normal distribution: mean 0, standard deviation 1.
    mutating func next() -> Float {
        var sum: Float = 0
        for _ in 0..<4 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            sum += Float(state >> 40) / 0x1p24 - 0.5
        }
        return sum * 1.7320508
    }

    mutating func values(_ count: Int, _ scale: Float = 1) -> [Float] { (0..<count).map { _ in next() * scale } }
}

enum Networks {
    /// Convolution, separable block, pooling, dense, softmax: what keyword networks are made of. Input [1,12,10,1].
    static func convolutional(_ seed: UInt64 = 1) -> Graph {
        var random = Random(seed)
        var g = Graph()
        let x = g.input("features", [1, 12, 10, 1])
        let a = g.conv2D(
            x, weights: random.values(8 * 5 * 3, 0.3), shape: [8, 5, 3, 1], bias: random.values(8, 0.1), stride: (2, 2), activation: .relu, name: "conv")
        let b = g.depthwiseConv2D(a, weights: random.values(9 * 8, 0.4), shape: [1, 3, 3, 8], bias: random.values(8, 0.1), activation: .relu, name: "depthwise")
        let c = g.conv2D(b, weights: random.values(8 * 8, 0.4), shape: [8, 1, 1, 8], bias: random.values(8, 0.1), name: "pointwise")
        let d = g.add(a, c, activation: .relu, name: "residual")
        let e = g.maxPool2D(d, window: (2, 1), name: "max")
        let f = g.mean(e, axes: [1, 2], name: "mean")
        let h = g.fullyConnected(f, weights: random.values(4 * 8, 0.5), outputs: 4, bias: random.values(4, 0.1), name: "dense")
        g.output(g.softmax(h, name: "scores"))
        return g
    }

    /// A streaming network: a step of three frames [1,3,1,8] in, a score out, two histories kept.
    static func streaming(_ seed: UInt64 = 1) -> Graph {
        var random = Random(seed)
        var g = Graph()
        let x = g.input("frames", [1, 3, 1, 8])
        let a = g.history(x, length: 2, name: "first")
        let b = g.conv2D(
            a, weights: random.values(6 * 5 * 8, 0.2), shape: [6, 5, 1, 8], bias: random.values(6, 0.1), padding: .valid, activation: .relu, name: "conv")
        let c = g.history(b, length: 4, name: "second")
        let d = g.depthwiseConv2D(c, weights: random.values(5 * 6, 0.4), shape: [1, 5, 1, 6], bias: random.values(6, 0.1), padding: .valid, name: "depthwise")
        let e = g.hardSwish(d, name: "swish")
        let f = g.fullyConnected(g.reshape(e, [1, 6]), weights: random.values(6, 0.8), outputs: 1, name: "dense")
        g.output(g.logistic(f, name: "score"))
        return g
    }

    /// Inputs for `runs` inferences.
    static func inputs(_ graph: Graph, _ runs: Int, seed: UInt64 = 7) -> [[Float]] {
        var random = Random(seed)
        return (0..<runs).map { _ in random.values(graph.tensors[graph.inputs[0]].count) }
    }
}
