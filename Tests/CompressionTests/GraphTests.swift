import CLinux
import Compression
import ModelFormat
import Support
import Testing

@Suite struct GraphTests {
    private func outputs(_ graph: Graph, runs: Int = 5) throws -> [[Float]] {
        let runner = try Runner(graph)
        return Networks.inputs(graph, runs).map { runner.run([$0])[0] }
    }

    private func largestDifference(_ a: [[Float]], _ b: [[Float]]) -> Float {
        zip(a.joined(), b.joined()).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// Convolution by its definition.
    @Test func builtConvolutionComputesWhatItSays() throws {
        var random = Random(3)
        var g = Graph()
        let x = g.input("x", [1, 5, 4, 2])
        let weights = random.values(3 * 3 * 2 * 2), bias = random.values(3)
        g.output(g.conv2D(x, weights: weights, shape: [3, 3, 2, 2], bias: bias, stride: (2, 1), padding: .valid, activation: .relu))
        #expect(g.tensors[g.outputs[0]].shape == [1, 2, 3, 3])
        let input = random.values(40)
        let y = try Runner(g).run([input])[0]
        for i in 0..<2 {
            for j in 0..<3 {
                for o in 0..<3 {
                    var sum = bias[o]
                    for a in 0..<3 { for b in 0..<2 { for c in 0..<2 { sum += input[((2 * i + a) * 4 + j + b) * 2 + c] * weights[((o * 3 + a) * 2 + b) * 2 + c] } } }
                    #expect(abs(y[(i * 3 + j) * 3 + o] - max(sum, 0)) < 1e-5)
                }
            }
        }
    }

    @Test func historyRemembers() throws {
        var g = Graph()
        let x = g.input("x", [1, 1, 2])
        g.output(g.history(x, length: 2, name: "past"))
        let runner = try Runner(g)
        #expect(runner.run([[1, 2]])[0] == [0, 0, 0, 0, 1, 2])
        #expect(runner.run([[3, 4]])[0] == [0, 0, 1, 2, 3, 4])
        #expect(runner.run([[5, 6]])[0] == [1, 2, 3, 4, 5, 6])
        runner.reset()
        #expect(runner.run([[7, 8]])[0] == [0, 0, 0, 0, 7, 8])
    }

    @Test func everythingSurvivesWritingAndReading() throws {
        var graph = Networks.streaming()
        graph.metadata = [("recipe", Array("seed=1".utf8))]
        graph.signatures = [Graph.Signature(key: "serving_default", graph: 0, inputs: [("frames", graph.inputs[0])], outputs: [("score", graph.outputs[0])])]
        let path = "\(temporaryFolder)/katydid-graph-\(getpid()).tflite"
        defer { unlink(path) }
        try graph.write(to: path)
        let read = try Graph(path: path)
        #expect(read.tensors.map(\.name) == graph.tensors.map(\.name))
        #expect(read.tensors.map(\.data) == graph.tensors.map(\.data))
        #expect(read.operators.map(\.code) == graph.operators.map(\.code))
        #expect(read.called.count == 1 && read.called[0].operators.count == 4)
        #expect(read.metadata.map(\.name) == ["recipe"] && read.metadata[0].bytes == Array("seed=1".utf8))
        #expect(read.signatures.first?.outputs.first?.tensor == graph.outputs[0])
        #expect(try outputs(read) == outputs(graph))
    }

    @Test func foldingKeepsTheFunction() throws {
        var random = Random(5)
        var g = Graph()
        let x = g.input("x", [1, 6, 6, 3])
        let a = g.conv2D(x, weights: random.values(4 * 9 * 3), shape: [4, 3, 3, 3], name: "conv")
        let b = g.relu6(g.add(g.mul(a, g.constant("gamma", [4], random.values(4))), g.constant("beta", [1, 1, 1, 4], random.values(4))))
        let c = g.depthwiseConv2D(b, weights: random.values(9 * 4), shape: [1, 3, 3, 4], name: "depthwise")
        let d = g.binary(.sub, g.mul(g.constant("two", [1], [2]), c), g.constant("mean", [4], random.values(4)))
        g.output(g.relu(d))
        let folded = try g.prepared()
        #expect(folded.operators.map(\.code) == [.conv2D, .depthwiseConv2D])
        #expect(folded.operators.map(\.activation) == [.relu6, .relu])
        let expected = try outputs(g)
        // Products in another order: a few units in the last place.
        #expect(largestDifference(try outputs(folded), expected) < 1e-5 * expected.joined().map(abs).max()!)
    }

    @Test func sharedResultsAreNotFolded() throws {
        var random = Random(6)
        var g = Graph()
        let x = g.input("x", [1, 4])
        let a = g.fullyConnected(x, weights: random.values(16), outputs: 4)
        g.output(g.add(a, g.relu(a)))
        let folded = try g.prepared()
        #expect(folded.operators.map(\.code) == [.fullyConnected, .relu, .add])
        #expect(try outputs(folded) == outputs(g))
    }

    @Test func equalisingKeepsTheFunctionAndEvensChannels() throws {
        var random = Random(8)
        var g = Graph()
        let x = g.input("x", [1, 6, 6, 2])
        var weights = random.values(4 * 2)
        for i in 0..<2 { weights[i] *= 100 }
        let a = g.conv2D(x, weights: weights, shape: [4, 1, 1, 2], bias: random.values(4), activation: .relu, name: "a")
        let b = g.depthwiseConv2D(a, weights: random.values(9 * 4), shape: [1, 3, 3, 4], activation: .relu, name: "b")
        g.output(g.conv2D(b, weights: random.values(3 * 4), shape: [3, 1, 1, 4], name: "c"))
        var equal = g
        equal.equalize()
        let expected = try outputs(g)
        #expect(largestDifference(try outputs(equal), expected) < 1e-5 * expected.joined().map(abs).max()!)
        func spread(_ graph: Graph) -> Float {
            let w = graph.tensors[graph.operators[0].inputs[1]].values(as: Float.self).map(abs)
            let channels = (0..<4).map { max(w[2 * $0], w[2 * $0 + 1]) }
            return channels.max()! / channels.min()!
        }
        #expect(spread(equal) < spread(g) / 2)
    }

    @Test func damagedFilesAreRefusedOrReadButNeverCrash() throws {
        let sound = try Networks.streaming().fileBytes()
        var random = Random(9)
        var refused = 0, read = 0
        for _ in 0..<2000 {
            var bytes = sound
            for _ in 0..<3 { bytes[Int(abs(random.next()) * 1e4) % bytes.count] = UInt8(truncatingIfNeeded: Int(random.next() * 100)) }
            if random.next() > 1 { bytes.removeLast(Int(abs(random.next()) * 1000) % bytes.count) }
            bytes.withUnsafeBytes { bytes in
                do throws(Failure) {
                    _ = try Graph(Model(MappedFile(borrowing: bytes), path: "damaged")).fileBytes()
                    read += 1
                } catch { refused += 1 }
            }
        }
        #expect(refused > 0 && read > 0)
    }

    private var temporaryFolder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
