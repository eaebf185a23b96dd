import CKernels

/// The memory behind a `k_log_mel`: tables filled once, and room to work in.
struct LogMelTables: ~Copyable {
    private let twiddles: UnsafeMutablePointer<k_complex_f32>
    private let scratch: UnsafeMutablePointer<k_complex_f32>
    private let order: UnsafeMutablePointer<UInt16>
    private let bands: UnsafeMutablePointer<UInt16>
    private let floats: UnsafeMutablePointer<Float>

    /// Points into this owner's memory.
    let kernel: k_log_mel

    init(_ options: LogMel.Options) {
        let points = options.fftSize / 2
        let bins = options.bins
        let scale = options.scale == .htk ? K_MEL_HTK : K_MEL_SLANEY
        let rate = Int32(options.sampleRate)

        twiddles = .allocate(capacity: points)
        order = .allocate(capacity: points)
        k_fft_f32_tables(Int32(points), twiddles, order)

        bands = .allocate(capacity: 2 * bins)
        let weightCount = Int(
            k_mel_weights(
                scale, rate, Int32(points), Int32(bins), options.lowest, options.highest, bands, bands + bins, nil))
        let floatCount = options.windowSamples + 2 * points + weightCount
        floats = .allocate(capacity: floatCount)
        floats.initialize(repeating: 0, count: floatCount)
        let padded = floats + options.windowSamples
        let weights = padded + 2 * points
        k_hann_f32(floats, Int32(options.windowSamples))
        k_mel_weights(
            scale, rate, Int32(points), Int32(bins), options.lowest, options.highest, bands, bands + bins, weights)
        scratch = .allocate(capacity: 2 * points + 1)

        var floor: Float = 0
        var offset: Float = 0
        var logarithm: Int32 = 1
        switch options.logarithm {
        case .none: logarithm = 0
        case .offset(let value): offset = value
        case .floor(let value): floor = value
        }
        kernel = k_log_mel(
            fft: k_fft_f32(points: Int32(points), twiddles: twiddles, order: order),
            window_count: Int32(options.windowSamples), bins: Int32(bins), window: floats, first: bands,
            count: bands + bins, weights: weights, power: options.spectrum == .power ? 1 : 0, logarithm: logarithm,
            floor: floor, offset: offset, padded: padded, scratch: scratch, spectrum: scratch + points)
    }

    deinit {
        twiddles.deallocate()
        scratch.deallocate()
        order.deallocate()
        bands.deallocate()
        floats.deallocate()
    }
}
