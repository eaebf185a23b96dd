import CKernels

/// Two front-ends that hear the same windows: one runs the reference, the other the variant under test.
struct FrontendCase: ~Copyable {
    private let expected: UnsafeMutablePointer<k_micro_frontend>
    private let actual: UnsafeMutablePointer<k_micro_frontend>
    private let window = Memory<Int16>(Int(K_MICRO_WINDOW))

    init() {
        expected = .allocate(capacity: 1)
        actual = .allocate(capacity: 1)
        k_micro_frontend_init(expected)
        k_micro_frontend_init(actual)
    }

    deinit {
        expected.deallocate()
        actual.deallocate()
    }

    /// Hears one more window and folds the features and noise estimates that come of it into `digest`.
    /// Returns the first of these bytes that differs, if any.
    func round(_ r: inout Random, _ digest: inout UInt64, _ reference: k_micro_frontend_variant, _ variant: k_micro_frontend_variant)
        -> Int?
    {
        fillWindow(&r)
        // Noise that no sound has left behind, of any bit length.
        if r.chance(20) {
            for c in 0..<Int(K_MICRO_CHANNELS) {
                let level = UInt32(truncatingIfNeeded: r.next() &>> UInt64(r.int(32...63)))
                k_micro_frontend_estimate(expected)[c] = level
                k_micro_frontend_estimate(actual)[c] = level
            }
        }
        reference.run(expected, window.base)
        variant.run(actual, window.base)
        let features = 2 * Int(K_MICRO_CHANNELS), estimates = 4 * Int(K_MICRO_CHANNELS)
        return compare(k_micro_frontend_features(expected), k_micro_frontend_features(actual), features, &digest)
            ?? compare(k_micro_frontend_estimate(expected), k_micro_frontend_estimate(actual), estimates, &digest)
                .map { features + $0 }
    }

    /// Noise of any loudness, full-scale squares and clicks, the extremes alone, silence.
    private func fillWindow(_ r: inout Random) {
        let kind = r.int(0...5), amount = r.int(0...15)
        for i in 0..<window.count {
            let noise = Int16(truncatingIfNeeded: r.next())
            window.base[i] =
                switch kind {
                case 0: noise &>> Int16(amount)
                case 1: noise & 1 == 0 ? .min : .max
                case 2: i % (Int(amount) + 1) == 0 ? noise : 0
                case 3: (i &>> Int(amount / 2)) & 1 == 0 ? .min : .max
                case 4: (noise | .min) &>> Int16(amount)
                default: amount == 0 ? 0 : noise
                }
        }
    }

    private func compare(_ expected: UnsafeRawPointer, _ actual: UnsafeRawPointer, _ count: Int, _ digest: inout UInt64) -> Int? {
        for i in 0..<count {
            let byte = actual.load(fromByteOffset: i, as: UInt8.self)
            if byte != expected.load(fromByteOffset: i, as: UInt8.self) { return i }
            fold(byte, into: &digest)
        }
        return nil
    }
}
