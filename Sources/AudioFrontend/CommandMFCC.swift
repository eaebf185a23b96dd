import CKernels
import Support

/// The features of MLPerf Tiny's keyword-spotting benchmark: one second of sound → [49, 10, 1].
///
/// The clip divided by its maximum; |STFT| of 480 samples every 320, Hann, FFT 512; 40 HTK mel bins from 20 to
/// 4000 Hz; ln(x + 10⁻⁶); the first 10 coefficients of the DCT-II times 1/√(2·40) (mlcommons/tiny,
/// `get_dataset.py`; tf.signal.mfccs_from_log_mel_spectrograms).
public struct CommandMFCC: ~Copyable {
    public static let clipSamples = 16000
    public static let frames = 49
    public static let coefficients = 10
    static let bins = 40
    static let hop = 320

    private let mel: LogMel
    private let clip: UnsafeMutablePointer<Float>
    private let energies: UnsafeMutablePointer<Float>
    private let cosines: UnsafeMutablePointer<Float>
    private let output: UnsafeMutablePointer<Float>

    public init() throws(Failure) {
        var options = LogMel.Options()
        options.hopSamples = CommandMFCC.hop
        options.highest = 4000
        mel = try LogMel(options)
        clip = .allocate(capacity: CommandMFCC.clipSamples)
        energies = .allocate(capacity: CommandMFCC.bins)
        cosines = .allocate(capacity: CommandMFCC.coefficients * CommandMFCC.bins)
        output = .allocate(capacity: CommandMFCC.frames * CommandMFCC.coefficients)
        output.initialize(repeating: 0, count: CommandMFCC.frames * CommandMFCC.coefficients)
        k_dct2_table(Int32(CommandMFCC.bins), Int32(CommandMFCC.coefficients), cosines)
    }

    deinit {
        clip.deallocate()
        energies.deallocate()
        cosines.deallocate()
        output.deallocate()
    }

    /// Computes `features` of a second at 16 kHz; what is missing counts as silence behind it, what is too much
    /// is left out. Divided by the largest sample, not the largest magnitude, as the benchmark does;
    /// where that is 0 there is nothing to divide by, and nothing is.
    public mutating func compute(_ samples: UnsafeBufferPointer<Int16>) {
        let count = min(samples.count, CommandMFCC.clipSamples)
        var peak = count < CommandMFCC.clipSamples ? 0 : samples[0]
        for i in 0..<count { peak = max(peak, samples[i]) }
        let divisor: Float = peak == 0 ? 1 : Float(peak)
        for i in 0..<CommandMFCC.clipSamples { clip[i] = i < count ? Float(samples[i]) / divisor : 0 }

        for frame in 0..<CommandMFCC.frames {
            mel.transform(clip + frame * CommandMFCC.hop, into: energies)
            k_dct2_f32(
                energies, cosines, Int32(CommandMFCC.bins), Int32(CommandMFCC.coefficients),
                output + frame * CommandMFCC.coefficients)
        }
    }

    /// [49, 10, 1] of the newest clip.
    public var features: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: output, count: CommandMFCC.frames * CommandMFCC.coefficients)
    }

    /// `features` as int8: clamp(round_half_even(x/scale + zero_point)). `to` has 490 elements;
    /// the defaults are those of the benchmark's model.
    public func quantize(
        to quantized: UnsafeMutableBufferPointer<Int8>, scale: Float = 0.58470291, zeroPoint: Int32 = 83
    ) {
        for i in 0..<min(quantized.count, features.count) {
            let value = (output[i] / scale + Float(zeroPoint)).rounded(.toNearestOrEven)
            quantized[i] = Int8(min(127, max(-128, value)))
        }
    }
}
