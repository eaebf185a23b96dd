import AudioFrontend
import Interpreter
import ModelFormat
import Support

/// One model listening: feature frames in, words out.
///
/// The model sees its last frames at once and scores its classes, every `hop` frames. A word is heard when the mean of its last
/// scores (the smoothed posterior of G. Chen, C. Parada, G. Heigold: Small-footprint keyword spotting using deep neural networks,
/// 2014) exceeds its cutoff, the higher the more was said before (`TalkBefore`), and is the largest of all classes' (`Decision`).
/// A model of one word decides as PyPI's `pymicro-wakeword` 2.5.0.
public final class Spotter {
    public let manifest: Manifest
    public let interpreter: Interpreter
    /// Feature frames that one inference takes, and from one inference to the next.
    public let frames: Int, hop: Int

    /// Index of its first word among those of the `Listener` that it belongs to.
    var firstWord = 0

    private let quantizer: FeatureQuantizer
    private let input: UnsafeMutablePointer<Int8>
    /// [frames, channels], a ring whose oldest frame is at `next`: an inference destroys its input.
    private let ring: UnsafeMutablePointer<Int8>
    private let channels = Int(MicroFrontend.channels)
    private var next = 0
    /// Frames until the next inference.
    private var due: Int
    private let output: Interpreter.Port
    private var scores: ScoreWindow
    private var talkBefore: TalkBefore
    private let unknown: Int?
    private var decision: Decision

    /// Loads the manifest's model. `refractory`: ms. `cutoff` replaces the manifest's, for all words, if given.
    public init(_ manifest: Manifest, refractory: Int = 1000, cutoff: Double? = nil) throws(Failure) {
        var manifest = manifest
        if let cutoff { for i in manifest.words.indices { manifest.words[i].cutoff = cutoff } }
        self.manifest = manifest
        let model = try Model(path: manifest.modelPath, copying: true)
        do throws(Failure) { interpreter = try Interpreter(model, hop: manifest.hop ?? 0) } catch { throw error.of("\(manifest.modelPath)") }

        func unfit(_ why: Message) -> Failure {
            Failure(.data, "\(manifest.modelPath)", why, "give the manifest's model: int8 [1,n,\(MicroFrontend.channels)] in, scores out")
        }
        guard interpreter.inputs.count == 1, interpreter.outputs.count == 1 else {
            throw unfit("has \(interpreter.inputs.count) inputs and \(interpreter.outputs.count) outputs")
        }
        let tensor = interpreter.inputs[0].tensor
        guard tensor.type == .int8 || tensor.type == .uint8, tensor.shape.last(where: { $0 != 1 }) == channels, tensor.count > 0,
            let bytes = interpreter.inputs[0].bytes.baseAddress
        else { throw unfit("its input is not of \(channels) features in 8 bits") }
        output = interpreter.outputs[0]
        guard output.tensor.count == manifest.outputs, output.tensor.type == .uint8 || output.tensor.type == .int8,
            output.tensor.quantization.isPresent
        else { throw unfit("its output is not \(manifest.outputs) \(manifest.outputs == 1 ? "score" : "scores") in 8 bits") }
        frames = tensor.count / channels
        hop = manifest.hop ?? frames
        guard !interpreter.hasVariables || hop == frames else {
            throw Failure(
                .data, "\(manifest.modelPath)", "remembers what it has heard and hears \(frames) frames at a time, not \(hop)", "put \"hop\": \(frames) into the manifest")
        }
        due = frames
        input = bytes.assumingMemoryBound(to: Int8.self)
        // A streaming model has learnt what wraps around.
        quantizer = try FeatureQuantizer(
            scale: tensor.quantization.scale, zeroPoint: Int32(tensor.quantization.zeroPoint), saturates: manifest.hop != nil)
        scores = ScoreWindow(manifest.window, outputs: manifest.outputs)
        unknown = manifest.unknown
        talkBefore = TalkBefore(period: hop * manifest.stepMilliseconds)
        decision = Decision(manifest, refractory: refractory)
        ring = .allocate(capacity: frames * channels)
    }

    deinit { ring.deallocate() }

    /// The mean of the last scores of a word, an index into the manifest's, 0…1.
    public func score(of word: Int) -> Double { mean(manifest.words[word].output) }

    /// The mean of the last scores of an output, 0…1.
    public func mean(_ output: Int) -> Double { scores.mean(output, scale: Double(self.output.tensor.quantization.scale)) }

    /// How much was said before, 0…1.
    public var talk: Double { talkBefore.mean(scale: Double(output.tensor.quantization.scale)) }

    /// Whether the frame that was heard last brought new scores.
    public private(set) var isFresh = false

    /// Takes one frame of the front-end. Returns the word that was heard just now, as an index into the manifest's.
    public func hear(_ features: UnsafeBufferPointer<UInt16>) -> Int? {
        quantizer(features, to: ring + next * channels)
        next = next + 1 == frames ? 0 : next + 1
        due -= 1
        isFresh = due == 0
        guard isFresh else { return nil }
        due = hop
        let old = (frames - next) * channels
        input.copy(from: ring + next * channels, count: old)
        (input + old).copy(from: ring, count: next * channels)
        interpreter.invokeNext()

        let bytes = output.bytes, isSigned = output.tensor.type == .int8, zero = Int32(output.tensor.quantization.zeroPoint)
        func score(_ output: Int) -> Int32 { (isSigned ? Int32(Int8(bitPattern: bytes[output])) : Int32(bytes[output])) - zero }
        scores.append(score)
        if let unknown { talkBefore.append(score(unknown)) }
        return decision(after: hop, largest: scores.largest, talk: talk) { mean($0) }
    }

    /// Forgets all sound: as new.
    public func reset() {
        interpreter.reset()
        scores.reset()
        talkBefore.reset()
        next = 0
        due = frames
        decision.reset()
    }
}
