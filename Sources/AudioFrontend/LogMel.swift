import CKernels
import Support

/// A float log-mel front-end whose every parameter can be chosen.
///
/// Each window goes through a periodic Hann window, zeros up to `fftSize`, an FFT, |z| or |z|², a mel
/// filterbank and ln. Float32 in one fixed order (`k_log_mel.h`): the same bits on every ISA.
public struct LogMel: ~Copyable {
    public enum Spectrum: Sendable { case magnitude, power }

    /// `htk`: triangles linear in 1127·ln(1 + f/700), height 1, as TensorFlow has them.
    /// `slaney`: librosa's default, triangles linear in Hz and of area 1.
    public enum Scale: Sendable { case htk, slaney }

    public enum Logarithm: Sendable {
        case none
        /// ln(x + offset)
        case offset(Float)
        /// ln(max(x, floor))
        case floor(Float)
    }

    public struct Options: Sendable {
        /// Hz
        public var sampleRate = 16000
        public var windowSamples = 480
        public var hopSamples = 160
        /// A power of two, at least `windowSamples`.
        public var fftSize = 512
        public var bins = 40
        /// Hz
        public var lowest: Double = 20
        /// Hz
        public var highest: Double = 7600
        public var spectrum = Spectrum.magnitude
        public var scale = Scale.htk
        public var logarithm = Logarithm.offset(1e-6)
        public init() {}
    }

    public let options: Options
    private let kernel: UnsafeMutablePointer<k_log_mel>
    private let tables: LogMelTables
    private var framer: Framer
    private let window: UnsafeMutablePointer<Float>
    private let output: UnsafeMutablePointer<Float>

    /// Throws `Failure` for options that contradict each other or the sample rate.
    public init(_ options: Options) throws(Failure) {
        try options.check()
        self.options = options
        tables = LogMelTables(options)
        kernel = .allocate(capacity: 1)
        kernel.initialize(to: tables.kernel)
        framer = Framer(window: options.windowSamples, hop: options.hopSamples)
        window = .allocate(capacity: options.windowSamples)
        output = .allocate(capacity: options.bins)
        output.initialize(repeating: 0, count: options.bins)
    }

    deinit {
        kernel.deallocate()
        window.deallocate()
        output.deallocate()
    }

    /// Takes samples from the front of `samples` until a frame is complete or they run out.
    /// True: `features` holds a new frame, and more may follow from what is left. Full scale is 1.
    public mutating func feed(_ samples: inout UnsafeBufferPointer<Int16>) -> Bool {
        guard let frame = framer.feed(&samples) else { return false }
        for i in 0..<options.windowSamples { window[i] = Float(frame[i]) * 0x1p-15 }
        transform(window, into: output)
        return true
    }

    /// [bins] of the newest frame.
    public var features: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: output, count: options.bins) }

    /// Forgets all samples.
    public mutating func reset() { framer.reset() }

    /// [bins] of one window of [windowSamples], outside of the stream.
    public func transform(_ samples: UnsafePointer<Float>, into bins: UnsafeMutablePointer<Float>) {
        k_log_mel_run(kernel, samples, bins)
    }
}

extension LogMel.Options {
    fileprivate func check() throws(Failure) {
        guard (1...192_000).contains(sampleRate), (1...fftSize).contains(windowSamples),
            (1...windowSamples).contains(hopSamples)
        else {
            throw Failure(
                .data, "log-mel front-end", "hop, window and FFT size must rise in this order",
                "give hop ≤ window ≤ FFT size")
        }
        guard (4...65536).contains(fftSize), fftSize & (fftSize - 1) == 0 else {
            throw Failure(.data, "FFT size \(fftSize)", "must be a power of two from 4 to 65536", "use 512")
        }
        guard (1...1024).contains(bins), lowest >= 0, lowest < highest, highest <= Double(sampleRate) / 2 else {
            throw Failure(
                .data, "log-mel front-end", "the bins must lie between 0 Hz and half the sample rate",
                "give 1 to 1024 bins, lowest < highest ≤ half the rate")
        }
    }
}
