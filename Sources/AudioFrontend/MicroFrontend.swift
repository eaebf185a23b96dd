import CKernels
import Support

/// The front-end of microWakeWord and micro_speech models: 16 kHz sound in, 40 fixed-point log-mel energies
/// a hop out, noise-reduced and gain-normalised.
///
/// Windows of 30 ms, 40 channels from 125 to 7500 Hz. Every value is that of TensorFlow's microfrontend
/// as PyPI's `pymicro-features` 2.0.2 sets it up, because the models were trained on those.
/// Stages and formulas stand in `k_micro_frontend.h`.
public struct MicroFrontend: ~Copyable {
    public static let sampleRate = 16000
    public static let channels = K_MICRO_CHANNELS
    public static let windowSamples = K_MICRO_WINDOW

    private let state: UnsafeMutablePointer<k_micro_frontend>
    private let run: @convention(c) (UnsafeMutablePointer<k_micro_frontend>?, UnsafePointer<Int16>?) -> Void
    private var framer: Framer

    /// From one window to the next, in samples.
    public var stepSamples: Int { framer.hop }

    /// Throws `Failure` for a step outside 1…30 ms. Models since 2024 want 10, older ones 20.
    /// `cpu`: the features that the front-end may use (K_CPU_…), by default those of this CPU.
    public init(stepMilliseconds: Int = 10, cpu: UInt32 = k_cpu_features()) throws(Failure) {
        guard (1...30).contains(stepMilliseconds) else {
            throw Failure(
                .data, "feature step of \(stepMilliseconds) ms", "must lie between 1 and 30 ms", "use 10 or 20")
        }
        framer = Framer(window: MicroFrontend.windowSamples, hop: stepMilliseconds * MicroFrontend.sampleRate / 1000)
        state = .allocate(capacity: 1)
        k_micro_frontend_init(state)
        run = k_micro_frontend_best(cpu)!.pointee.run
    }

    deinit { state.deallocate() }

    /// Takes samples from the front of `samples` until a frame is complete or they run out.
    /// True: `features` holds a new frame, and more may follow from what is left.
    /// The first frame comes with the 480th sample.
    public mutating func feed(_ samples: inout UnsafeBufferPointer<Int16>) -> Bool {
        guard let window = framer.feed(&samples) else { return false }
        run(state, window)
        return true
    }

    /// [40] of the newest frame: ln of the energy's root, in 1/64; at most about 700 in practice.
    public var features: UnsafeBufferPointer<UInt16> {
        UnsafeBufferPointer(start: k_micro_frontend_features(state), count: MicroFrontend.channels)
    }

    /// Forgets all samples and the noise estimate: as new.
    public mutating func reset() {
        framer.reset()
        k_micro_frontend_reset(state)
    }
}
