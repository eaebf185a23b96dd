import Compression
import ModelFormat
import Support
import Testing

@Suite struct QuantizerTests {
    private func calibrated(_ graph: Graph, runs: Int = 40) throws -> Calibration {
        let calibration = try Calibration(graph)
        for x in Networks.inputs(graph, runs) { try calibration.observe([x]) }
        return calibration
    }

    private func comparison(_ float: Graph, _ quantized: Graph, runs: Int = 40) throws -> Comparison {
        let comparison = try Comparison(float, quantized)
        for x in Networks.inputs(float, runs) { comparison.compare([x]) }
        return comparison
    }

    /// Eight bits of a range that is filled as ours are (the largest value some 4 standard deviations out) give
    /// 6.02·8 − 20·log10(4/√3) + … ≈ 40 dB for one rounding; each of up to eight layers in a row adds roundings of its input,
    /// weights and output of the same size, which is ≈ 10 dB together. Less than 25 dB means that something is wrong.
    private static let least = 25.0

    @Test(arguments: [Calibration.Method.minMax, .percentile, .mse]) func int8IsNearFloat(_ method: Calibration.Method) throws {
        let graph = try Networks.convolutional().prepared()
        let quantized = try Quantizer().quantized(graph, ranges: calibrated(graph).ranges(method))
        let comparison = try comparison(graph, quantized)
        for layer in comparison.layers { #expect(layer.sqnr > Self.least, "\(layer.tensor)") }
        #expect(comparison.layers.count == graph.operators.count)
    }

    @Test func aMovingAverageFollowsExtremesSlowly() throws {
        let graph = Networks.convolutional()
        let ranges = try calibrated(graph).ranges(.movingAverage)
        var expected: Range?
        for x in Networks.inputs(graph, 40) {
            let (low, high) = (x.min()!, x.max()!)
            expected = expected.map { Range($0.min + (low - $0.min) / 100, $0.max + (high - $0.max) / 100) } ?? Range(low, high)
        }
        #expect(ranges["features"] == expected)
    }

    /// A ReLU of normal values, one of 400,000 being `outlier`: it would take all the steps.
    private func outlying(_ outlier: Float) throws -> (graph: Graph, inputs: [[Float]], calibration: Calibration) {
        var g = Graph()
        g.output(g.relu(g.input("x", [1, 200]), name: "y"))
        var inputs = Networks.inputs(g, 2000)
        inputs[1000][0] = outlier
        let calibration = try Calibration(g)
        for x in inputs { try calibration.observe([x]) }
        return (g, inputs, calibration)
    }

    @Test func percentilesLeaveOutliersOut() throws {
        let range = try #require(outlying(1000).calibration.ranges(.percentile)["x"])
        // The sum of four uniforms that inputs are made of ends at 3.46; a bin is 1024/2048 wide here.
        #expect(range.max > 2 && range.max < 4.5)
    }

    @Test func leastSquaresHasTheLeastSquares() throws {
        let (graph, inputs, calibration) = try outlying(40)
        func noise(_ range: Range) throws -> Float {
            let runner = try Runner(Quantizer().quantized(graph, ranges: ["x": Range(-3.5, 40), "y": range]))
            return inputs.reduce(0) { sum, x in sum + zip(x, runner.run([x])[0]).reduce(0) { $0 + (max($1.0, 0) - $1.1) * (max($1.0, 0) - $1.1) } }
        }
        let whole = try #require(calibration.ranges(.minMax)["y"]), found = try #require(calibration.ranges(.mse)["y"])
        #expect(whole == Range(0, 40) && found.max < 36 && found.max > 10)
        let least = try noise(found)
        #expect(try least < noise(whole))
        // Cutting off more is worse again.
        #expect(try least < noise(Range(0, found.max / 2)))
    }

    @Test func correctedBiasesBringMeansNearer() throws {
        // Every weight lies where it is rounded up, and inputs have a mean: the error of rounding adds up.
        var g = Graph()
        let x = g.input("x", [1, 1, 1, 64])
        let weights = (0..<64).map { $0 == 0 ? Float(1) : (Float($0 % 20) + 0.6) / 127 }
        g.output(g.conv2D(x, weights: weights, shape: [1, 1, 1, 64], name: "y"))
        let calibration = try Calibration(g)
        let inputs = Networks.inputs(g, 50).map { $0.map { $0 * 0.1 + 1 } }
        for x in inputs { try calibration.observe([x]) }
        let ranges = calibration.ranges(.minMax)
        func meanError(_ graph: Graph) throws -> Float {
            let float = try Runner(g), integer = try Runner(Quantizer().quantized(graph, ranges: ranges))
            return inputs.map { integer.run([$0])[0][0] - float.run([$0])[0][0] }.reduce(0, +) / Float(inputs.count)
        }
        let before = try abs(meanError(g)), after = try abs(meanError(Quantizer().correctingBiases(g, calibration)))
        // 63 weights are 0.4/127 too large, on inputs of 1: 0.198. What is left is the rounding of activations.
        #expect(abs(before - 63 * 0.4 / 127) < 0.02)
        #expect(after < before / 5)
    }

    @Test func streamingIntegersAreNearFloat() throws {
        let graph = try Networks.streaming().prepared()
        let quantized = try Quantizer().quantized(graph, ranges: calibrated(graph).ranges(.minMax))
        let comparison = try comparison(graph, quantized)
        for layer in comparison.layers { #expect(layer.sqnr > Self.least, "\(layer.tensor)") }
        // A variable, what is read from it, the history and what is assigned have one scale: bytes are moved.
        func q(_ name: String) -> Graph.Quantization? { quantized.tensors.first { $0.name == name }?.quantization }
        #expect(q("frames") == q("first/read") && q("frames") == q("first/history") && q("frames") == q("first/newest"))
        #expect(q("conv") == q("second/read") && q("conv") != q("frames"))
        // What the variable begins as is 0 in its own quantisation.
        let initial = try #require(quantized.called.first?.tensors.first { $0.name == "second/initial" })
        #expect(initial.type == .int8 && initial.values(as: Int8.self).allSatisfy { Int($0) == q("conv")?.zeroPoints[0] })
    }

    @Test func endsAndConstantsHaveTheTypesThatTFLiteDemands() throws {
        let graph = try Networks.convolutional().prepared()
        let quantized = try Quantizer().quantized(graph, ranges: calibrated(graph).ranges(.minMax))
        #expect((quantized.inputs + quantized.outputs).allSatisfy { quantized.tensors[$0].type == .int8 })
        #expect(quantized.tensors[quantized.outputs[0]].quantization == Graph.Quantization(scale: 1 / 256, zeroPoint: -128))
        for op in quantized.operators where [.conv2D, .depthwiseConv2D, .fullyConnected].contains(op.code) {
            let weights = quantized.tensors[op.inputs[1]], bias = quantized.tensors[op.inputs[2]], input = quantized.tensors[op.inputs[0]]
            let axis = op.code == .depthwiseConv2D ? 3 : 0
            #expect(weights.type == .int8 && bias.type == .int32)
            #expect(weights.quantization?.axis == axis && weights.quantization?.scales.count == weights.shape[axis])
            #expect(weights.quantization?.zeroPoints.allSatisfy { $0 == 0 } == true)
            // The largest weight of each channel is 127 exactly: scales are |max| / 127.
            #expect(weights.values(as: Int8.self).contains { abs(Int($0)) == 127 } && !weights.values(as: Int8.self).contains(-128))
            let products = weights.quantization!.scales.map { $0 * input.quantization!.scales[0] }
            #expect(bias.quantization?.scales == products)
        }
        let max = quantized.operators.first { $0.code == .maxPool2D }!
        #expect(quantized.tensors[max.inputs[0]].quantization == quantized.tensors[max.outputs[0]].quantization)
    }

    @Test func inputMayHaveTheFrontEndsScale() throws {
        let graph = try Networks.streaming().prepared()
        var quantizer = Quantizer()
        quantizer.given["frames"] = Quantizer.microFrontend
        // Features of that front-end are 0…25.9.
        let calibration = try Calibration(graph)
        for x in Networks.inputs(graph, 30) { try calibration.observe([x.map { min(abs($0) * 9, 25.9) }]) }
        let quantized = try quantizer.quantized(graph, ranges: calibration.ranges(.minMax))
        for name in ["frames", "first/read", "first/history", "first/newest"] {
            #expect(quantized.tensors.first { $0.name == name }?.quantization == Quantizer.microFrontend, "\(name)")
        }
    }

    @Test func onlyFullyConnectedMayBePerTensor() throws {
        let graph = try Networks.convolutional().prepared()
        var quantizer = Quantizer()
        quantizer.perTensorFullyConnected = true
        let quantized = try quantizer.quantized(graph, ranges: calibrated(graph).ranges(.minMax))
        for op in quantized.operators where [.conv2D, .fullyConnected].contains(op.code) {
            #expect((quantized.tensors[op.inputs[1]].quantization?.scales.count == 1) == (op.code == .fullyConnected))
        }
        #expect(try comparison(graph, quantized).outputSQNR > Self.least)
    }

    @Test func hybridKeepsActivations() throws {
        let graph = try Networks.convolutional().prepared()
        var quantizer = Quantizer(.hybrid)
        quantizer.leastHybridWeights = 50
        let quantized = try quantizer.quantized(graph)
        #expect(quantized.operators.compactMap { $0.inputs.count > 1 ? quantized.tensors[$0.inputs[1]].type : nil }.contains(.int8))
        #expect(quantized.computesFloats)
        // Weights are rounded once, and inputs of some layers while they run.
        #expect(try comparison(graph, quantized).outputSQNR > Self.least)
    }

    @Test func pathsOfDifferentBoundScalesAreRequantised() throws {
        var g = Graph()
        let x = g.input("x", [1, 8])
        let y = g.concatenation([g.tanh(x, name: "tanh"), g.logistic(x, name: "logistic"), g.softmax(x, name: "softmax")], axis: 1, name: "all")
        g.output(y)
        let quantized = try Quantizer().quantized(g, ranges: calibrated(g).ranges(.minMax))
        #expect(quantized.operators.contains { $0.code == .quantize })
        let concatenation = quantized.operators.first { $0.code == .concatenation }!
        let q = quantized.tensors[concatenation.outputs[0]].quantization
        #expect(concatenation.inputs.allSatisfy { quantized.tensors[$0].quantization == q })
        #expect(try comparison(g, quantized).outputSQNR > Self.least)
    }

    @Test func biasesThatInt32CannotHoldWidenTheirChannel() throws {
        var g = Graph()
        let x = g.input("x", [1, 1, 1, 2])
        g.output(g.conv2D(x, weights: [1e-7, 1e-7, 0, 0, 1, -1], shape: [3, 1, 1, 2], bias: [100, -50, 0.25], name: "y"))
        let quantized = try Quantizer().quantized(g, ranges: calibrated(g).ranges(.minMax))
        let comparison = try comparison(g, quantized)
        // One step of a range of about 150 against values that large.
        #expect(comparison.outputSQNR > 40)
    }

    @Test func unsupportedOperatorsAreNamed() throws {
        var g = Graph()
        let x = g.input("x", [1, 4])
        g.output(g.unary(.rsqrt, x, name: "y"))
        let failure = #expect(throws: Failure.self) { try Quantizer().quantized(g, ranges: ["x": Range(0, 1), "y": Range(0, 1)]) }
        #expect(failure?.what.contains("RSQRT") == true && failure?.remedy.contains("CONV_2D") == true)
    }

    @Test func missingRangesAndBadSamplesAreNamed() throws {
        let graph = Networks.convolutional()
        let missing = #expect(throws: Failure.self) { try Quantizer().quantized(graph, ranges: ["features": Range(0, 1)]) }
        #expect(missing?.what.contains("conv") == true)
        let calibration = try Calibration(graph)
        let bad = #expect(throws: Failure.self) { try calibration.observe([[Float](repeating: .nan, count: 120)]) }
        #expect(bad?.what.contains("features") == true)
    }

    @Test func quantisedModelsAreNotQuantisedAgain() throws {
        let graph = try Networks.convolutional().prepared()
        let quantized = try Quantizer().quantized(graph, ranges: calibrated(graph).ranges(.minMax))
        let failure = #expect(throws: Failure.self) { try quantized.prepared() }
        #expect(failure?.why.contains("quantised already") == true)
    }
}

extension Graph {
    var computesFloats: Bool { operators.flatMap(\.outputs).allSatisfy { tensors[$0].type == .float32 } }
}
