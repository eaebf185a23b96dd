import AudioFrontend
import Interpreter
import ModelFormat
import Support

/// One microWakeWord model listening: feature frames in, decisions out.
///
/// A score comes with every `stride` frames (the model's input length). The word is heard when the mean
/// of the last `window` scores exceeds the cutoff, as PyPI's `pymicro-wakeword` 2.5.0 decides; it then
/// counts as heard once, until the mean has been at the cutoff or below and `refractory` has passed.
public final class WakeWord {
    public let manifest: Manifest
    public let interpreter: Interpreter
    /// Feature frames that one inference takes.
    public let stride: Int
    /// The mean of the last scores, 0…1.
    public private(set) var score = 0.0

    private let quantizer: FeatureQuantizer
    private let input: UnsafeMutablePointer<Int8>
    private let channels: Int
    private var frames = 0
    private var window: ScoreWindow
    /// Frames that must pass after the word was heard.
    private let refractory: Int
    private var quiet = 0
    private var isArmed = true

    /// Loads the manifest's model. `refractory`: ms. `cutoff` replaces the manifest's if given.
    public init(_ manifest: Manifest, refractory: Int = 1000, cutoff: Double? = nil) throws(Failure) {
        var manifest = manifest
        if let cutoff { manifest.cutoff = cutoff }
        self.manifest = manifest
        let model = try Model(path: manifest.modelPath, copying: true)
        do throws(Failure) { interpreter = try Interpreter(model) } catch { throw error.of("\(manifest.modelPath)") }

        func unfit(_ why: Message) -> Failure {
            Failure(.data, "\(manifest.modelPath)", why, "give a microWakeWord model: int8 [1,n,\(MicroFrontend.channels)] in, one score out")
        }
        guard interpreter.inputs.count == 1, interpreter.outputs.count == 1 else {
            throw unfit("has \(interpreter.inputs.count) inputs and \(interpreter.outputs.count) outputs")
        }
        let tensor = interpreter.inputs[0].tensor
        channels = Int(MicroFrontend.channels)
        guard tensor.type == .int8 || tensor.type == .uint8, tensor.shape.last == channels, tensor.count > 0,
            let bytes = interpreter.inputs[0].bytes.baseAddress
        else { throw unfit("its input is not of \(channels) features in 8 bits") }
        let output = interpreter.outputs[0].tensor
        guard output.count == 1, output.type == .uint8 || output.type == .int8, output.quantization.isPresent else {
            throw unfit("its output is not one score in 8 bits")
        }
        stride = tensor.count / channels
        input = bytes.assumingMemoryBound(to: Int8.self)
        quantizer = try FeatureQuantizer(scale: tensor.quantization.scale, zeroPoint: Int32(tensor.quantization.zeroPoint))
        window = ScoreWindow(manifest.window)
        self.refractory = max(refractory / manifest.stepMilliseconds, 0)
    }

    /// Takes one frame of the front-end. True: the word was heard just now, with `score`.
    public func hear(_ features: UnsafeBufferPointer<UInt16>) -> Bool {
        if quiet > 0 { quiet -= 1 }
        quantizer(features, to: input + frames * channels)
        frames += 1
        guard frames == stride else { return false }
        frames = 0
        interpreter.invoke()

        window.append(probability)
        score = window.mean
        guard score > manifest.cutoff else {
            if quiet == 0 { isArmed = true }
            return false
        }
        guard isArmed else { return false }
        isArmed = false
        quiet = refractory
        return true
    }

    /// The newest output as a real number.
    private var probability: Double {
        let port = interpreter.outputs[0]
        let stored = port.tensor.type == .uint8 ? Int(port.bytes[0]) : Int(Int8(bitPattern: port.bytes[0]))
        return Double(Float(stored - port.tensor.quantization.zeroPoint) * port.tensor.quantization.scale)
    }

    /// Forgets all sound: as new.
    public func reset() {
        interpreter.reset()
        window.reset()
        frames = 0
        score = 0
        quiet = 0
        isArmed = true
    }
}
