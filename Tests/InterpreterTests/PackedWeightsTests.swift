import CKernels
import GoldenFiles
import Interpreter
import ModelFormat
import Testing

/// Weights are packed once, and not as more than 1.3 times what they are. On AArch64 Tests/Cross compares with what they
/// are here.
@Suite struct PackedWeightsTests {
    static let models = ModelTests.there.map(\.path) + ["commands", "commands-tiny"].map { "\(Golden.checkout)/Firmware/models/\($0).tflite" }

    @Test(arguments: models) func areNotMuchMoreThanTheWeights(_ path: String) throws {
        let model = try Model(path: path)
        var weights = 0, layers = 0
        for graph in model.subgraphs {
            for operation in graph.operators where operation.inputs.count > 1 && operation.outputs.count > 0 {
                // A layer's second input need not be a constant in the file: its half floats become floats.
                let isLayer = [3, 4, 9].contains(operation.code.number)
                let constants = operation.inputs.dropFirst().filter { $0 >= 0 }.map { graph.tensors[$0] }
                weights += constants.filter { isLayer || $0.data != nil }.map(\.byteCount).reduce(0, +)
                guard isLayer || operation.code.number == OperatorCode.customNumber else { continue }
                // A scale for each filter.
                weights += 4 * (graph.tensors[operation.outputs[0]].shape.last ?? 1)
                layers += 1
            }
        }
        #if arch(x86_64)
        let features = [0, K_CPU_AVX2, K_CPU_AVX2 | K_CPU_AVX512VNNI]
        #else
        let features = [0, Int(k_cpu_features())]
        #endif
        for cpu in features {
            let packed = try Interpreter(model, cpu: UInt32(cpu)).footprint.weights
            // A layer has its header, and lanes that no filter has but vectors read: with three bytes of weights that is a multiple.
            #expect(packed <= weights * 13 / 10 + layers * 256, "\(packed) bytes for \(weights), features \(cpu)")
        }
    }
}
