import CLinux
import Compression
import ModelFormat
import Support
import Testing

/// Writes what Tests/Compression/run.sh shows to LiteRT: built networks, float and quantised, inputs, and our outputs.
@Suite struct LiteRTFiles {
    static let folder = getenv("KATYDID_LITERT").map { String(cString: $0) }

    @Test(.enabled(if: folder != nil, "only for Tests/Compression/run.sh, which sets KATYDID_LITERT")) func write() throws {
        let runs = 50
        for (name, graph) in [("convolutional", Networks.convolutional()), ("streaming", Networks.streaming())] {
            let inputs = Networks.inputs(graph, runs)
            let calibration = try Calibration(graph)
            for x in inputs { try calibration.observe([x]) }
            var hybrid = Quantizer(.hybrid)
            hybrid.leastHybridWeights = 0
            var perTensor = Quantizer()
            perTensor.perTensorFullyConnected = true
            let ranges = calibration.ranges(.minMax)
            try write(name + "_float", graph, inputs)
            try write(name + "_hybrid", hybrid.quantized(graph), inputs)
            try write(name + "_int8", Quantizer().quantized(graph, ranges: ranges), inputs)
            try write(name + "_per_tensor", perTensor.quantized(graph, ranges: ranges), inputs)
        }
    }

    /// `name`.tflite, and the bytes of all inputs and outputs, one inference behind the other.
    private func write(_ name: String, _ graph: Graph, _ inputs: [[Float]]) throws {
        let path = Self.folder! + "/" + name
        try graph.write(to: path + ".tflite")
        let runner = try Runner(graph)
        var given: [UInt8] = [], computed: [UInt8] = []
        for x in inputs {
            runner.fill([x])
            given += UnsafeRawBufferPointer(runner.interpreter.inputs[0].bytes)
            runner.interpreter.invoke()
            computed += UnsafeRawBufferPointer(runner.interpreter.outputs[0].bytes)
        }
        for (end, bytes) in [("in", given), ("out", computed)] {
            let failure: Failure? = bytes.withUnsafeBytes { part in
                do throws(Failure) {
                    try writeFile("\(path).\(end)", [part])
                    return nil
                } catch { return error }
            }
            if let failure { throw failure }
        }
    }
}
