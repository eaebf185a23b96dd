import ArgumentParser
import CLinux
import Compression
import ModelFormat
import Support

struct Quantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turns a float .tflite into an INT8 one.",
        discussion: """
            Calibration data are arrays of the model's input, as numpy.save writes them: [samples, …]. For a model that keeps \
            state, a file is one sound, its inferences in order.
            """)

    @Argument(help: "A float .tflite.") var model: String
    @Option(name: .shortAndLong, help: "Where to write the quantised model.") var output: String
    @Option(help: "Inputs to find ranges with: a .npy file, or a folder of them.") var calibration: String?
    @Option(help: "int8: everything; hybrid: weights only; float: nothing.") var mode = Quantizer.Mode.int8
    @Option(help: "How ranges come from calibration data.") var ranges = Calibration.Method.minMax
    @Flag(help: "Correct biases by what rounding of weights does to means.") var biasCorrection = false
    @Flag(help: "Even out ranges of channels between neighbouring layers first.") var equalize = false
    @Flag(help: "One scale for all weights of a FULLY_CONNECTED, for old runtimes.") var perTensorFullyConnected = false
    @Option(help: "The input's scale, if it is to be a front-end's.") var inputScale: Float?
    @Option(help: "The input's zero point, with --input-scale.") var inputZeroPoint = -128

    func validate() throws {
        if mode == .int8 && calibration == nil { throw ValidationError("int8 needs --calibration, to find the activations' ranges") }
        if let inputScale, !(inputScale > 0 && inputScale.isFinite) { throw ValidationError("--input-scale must be more than 0") }
        guard (-128...127).contains(inputZeroPoint) else { throw ValidationError("--input-zero-point must be within -128 and 127") }
    }

    func run() throws { try attempt(quantize) }

    private func quantize() throws(Failure) {
        let original = try Graph(path: model)
        if mode == .float { return try original.write(to: output) }
        var graph = try original.prepared()
        if equalize { graph.equalize() }
        var quantizer = Quantizer(mode)
        quantizer.perTensorFullyConnected = perTensorFullyConnected
        if let inputScale, let input = graph.inputs.first {
            quantizer.given[graph.tensors[input].name] = Graph.Quantization(scale: inputScale, zeroPoint: inputZeroPoint)
        }

        var quantized = graph
        if let calibration {
            guard graph.inputs.count == 1 else {
                throw Failure(.data, "\(model)", "has \(graph.inputs.count) inputs", "only models of one input can be calibrated from files")
            }
            let samples = try Samples(
                calibration, elements: graph.tensors[graph.inputs[0]].count, scale: inputScale ?? 1, zeroPoint: inputScale == nil ? 0 : Float(inputZeroPoint))
            let observer = try Calibration(graph)
            for file in samples.files {
                observer.reset()
                for x in file { try observer.observe([x]) }
            }
            if biasCorrection { graph = quantizer.correctingBiases(graph, observer) }
            quantized = try quantizer.quantized(graph, ranges: observer.ranges(ranges))
            let comparison = try Comparison(observer.graph, quantized)
            for file in samples.files {
                comparison.reset()
                for x in file { comparison.compare([x]) }
            }
            print(comparison)
        } else {
            quantized = try quantizer.quantized(graph)
        }
        try quantized.write(to: output)
        let before = try original.fileBytes().count, after = try quantized.fileBytes().count
        Swift.print("\(model): \(before) bytes -> \(output): \(after) bytes")
    }

    private func print(_ comparison: Comparison) {
        var line = Line()
        line.append("layer")
        line.pad(to: 26)
        line.append("output's range              SQNR dB  tensor")
        line.flush()
        for layer in comparison.layers {
            line.append(layer.operation)
            line.append(Double(layer.range.min), decimals: 3, endingAt: 36)
            line.append(Double(layer.range.max), decimals: 3, endingAt: 48)
            if layer.sqnr.isFinite { line.append(layer.sqnr, decimals: 1, endingAt: 61) } else { line.pad(to: 58); line.append("inf") }
            line.append("  ")
            line.append(layer.tensor)
            line.flush()
        }
        line.append("output: ")
        line.append(comparison.outputSQNR, decimals: 1)
        line.append(" dB; the same element is largest in ")
        line.append(comparison.sameLargest)
        line.append(" of ")
        line.append(comparison.samples)
        line.append(" inferences")
        line.flush()
    }
}

extension Quantizer.Mode: ExpressibleByArgument {}
extension Calibration.Method: ExpressibleByArgument {}
