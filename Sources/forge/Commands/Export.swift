import ArgumentParser
import Compression
import Dataset
import Support
import Training

/// A checkpoint as a `.tflite`.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write a trained network as .tflite, with its manifest.")

    enum Form: String, CaseIterable, ExpressibleByArgument { case float, hybrid, int8 }

    @Argument(help: "What katydid-forge train wrote: NAME.safetensors.") var checkpoint: String
    @Option(name: .shortAndLong, help: "The model's file; its manifest stands beside it.") var output: String
    @Option(help: "int8 needs a network that has seen itself as integers; see katydid-forge quantize for others.") var form = Form.int8
    @Flag(help: "Take the frames of one step and remember the rest: for networks of VALID windows (mixednet).") var streaming = false

    func run() throws {
        try attempt { () throws(Failure) in
            let trained = try TrainedModel(path: checkpoint)
            guard output.hasSuffix(".tflite") else { throw Failure(.usage, "\(output)", "is no name for a model", "end it in .tflite") }
            let (float, ranges) = try trained.network.graph(named: trained.recipe.name, streaming: streaming)
            let graph: Graph
            switch form {
            case .float: graph = float
            case .hybrid: graph = try Quantizer(.hybrid).quantized(float)
            case .int8:
                guard !ranges.isEmpty else {
                    throw Failure(.data, "\(checkpoint)", "has never seen itself as integers", "export it as float and give that to katydid-forge quantize")
                }
                var quantizer = Quantizer(.int8)
                quantizer.given["features"] = Quantizer.microFrontend
                graph = try quantizer.quantized(float, ranges: ranges)
            }
            try graph.write(to: output)
            var manifest = trained.recipe.manifest(frames: graph.inputFrames, streaming: streaming)
            manifest.model = output.split(separator: "/").last.map(String.init) ?? output
            try manifest.write(to: output.dropLast(6) + "json")
            print("\(output): \(try graph.fileBytes().count) bytes")
        }
    }
}
