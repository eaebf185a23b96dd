import Interpreter
import ModelFormat
import Support

/// What scores windows of features: one for each thread.
public protocol Scorer: AnyObject {
    /// Scores of each class, of features [frames, 40] as `Features` gives them. The largest is the answer.
    func scores(_ features: UnsafeBufferPointer<Float>) -> [Float]
}

/// A `.tflite` in our interpreter: what a board computes, to the bit. A streaming one hears a window step by step, as new.
public final class ModelScorer: Scorer {
    private let interpreter: Interpreter
    /// Features that it takes at once.
    private let step: Int

    /// Throws `Failure` for a model that we don't run, or whose input isn't of `features` numbers and output of `classes`.
    public init(_ path: String, features: Int, classes: Int) throws(Failure) {
        let model = try Model(path: path, copying: true)
        do throws(Failure) { interpreter = try Interpreter(model) } catch { throw error.of("\(path)") }
        let inputs = interpreter.inputs, outputs = interpreter.outputs
        step = inputs.first?.tensor.count ?? 0
        guard inputs.count == 1, outputs.count == 1, model.isStreaming ? (1...features).contains(step) : step == features, outputs[0].tensor.count == classes else {
            let gives = outputs.first?.tensor.count ?? 0
            throw Failure(
                .data, "\(path)", "takes \(step) numbers and gives \(gives) scores, for \(features) features and \(classes) classes",
                "give the manifest that was written with it, or its --classes in order")
        }
        for port in [inputs[0], outputs[0]] where ![.int8, .float32].contains(port.tensor.type) {
            throw Failure(.data, "\(path)", "has an input or output of \(port.tensor.type.name)", "give a model of int8 or float32")
        }
    }

    public func scores(_ features: UnsafeBufferPointer<Float>) -> [Float] {
        interpreter.reset()
        // Whole steps up to the newest frame.
        for first in stride(from: features.count % step, to: features.count, by: step) {
            hear(UnsafeBufferPointer(rebasing: features[first..<first + step]))
        }
        let output = interpreter.outputs[0]
        if output.tensor.type == .float32 { return [Float](UnsafeRawBufferPointer(output.bytes).bindMemory(to: Float.self)) }
        let q = output.tensor.quantization
        return output.bytes.map { Float(Int(Int8(bitPattern: $0)) - q.zeroPoint) * q.scale }
    }

    private func hear(_ features: UnsafeBufferPointer<Float>) {
        let input = interpreter.inputs[0]
        if input.tensor.type == .float32 {
            input.bytes.copyMemory(from: UnsafeRawBufferPointer(features))
        } else {
            // Where the scale is the front-end's own, as of all that we train, features are integers of it already.
            let scale = input.tensor.quantization.scale, zero = Float(input.tensor.quantization.zeroPoint)
            for (i, feature) in features.enumerated() {
                let value = (feature / scale).rounded(.toNearestOrEven) + zero
                input.bytes.storeBytes(of: Int8(min(max(value, -128), 127)), toByteOffset: i, as: Int8.self)
            }
        }
        interpreter.invoke()
    }
}

extension Model {
    /// Whether it remembers in variables what it heard before.
    public var isStreaming: Bool { subgraphs[0].operators.contains { $0.code.name == "VAR_HANDLE" } }
}

/// The first of the largest.
func largest(_ scores: some Collection<some Comparable>) -> Int {
    var best = scores.startIndex, at = 0
    for (n, i) in scores.indices.enumerated() where scores[i] > scores[best] { (best, at) = (i, n) }
    return at
}
