import CKernels

/// What became of one kernel variant.
public struct KernelReport {
    public enum Outcome {
        /// The reference; the digest of all its outputs is the same on every machine.
        case reference(digest: UInt64)
        /// The same bits as the reference in every round.
        case passed
        /// The CPU lacks the `K_CPU_*` bits in `missing`.
        case skipped(missing: UInt32)
        /// The first byte of the output that differs, in the first round that does. A front-end has no shape.
        case failed(round: Int, shape: k_convolution_shape?, byte: Int)
    }

    /// As in the tables: `s8_gemm_4x8c2_neon`. A string constant.
    public var name: UnsafePointer<CChar>
    public var outcome: Outcome

    public var passed: Bool { if case .failed = outcome { false } else { true } }
}

/// Runs every variant of every convolution kernel on `rounds` random layers, and of the micro front-end on
/// as many windows of sound, and compares its output, byte by byte, with that of the reference. `report` is called once a variant. Returns whether all passed.
@discardableResult
public func checkKernels(
    seed: UInt64, rounds: Int, features: UInt32 = k_cpu_features(), report: (KernelReport) -> Void
) -> Bool {
    var all = true
    func note(_ r: KernelReport) {
        all = all && r.passed
        report(r)
    }
    let s8 = k_s8_convolution_variant_at(0)!.pointee, s8Depthwise = k_s8_depthwise_variant_at(0)!.pointee
    for i in 0..<k_s8_convolution_variant_count {
        let v = k_s8_convolution_variant_at(i)!.pointee
        note(check(v.name, v.requires & ~features, i, seed, rounds) { s8Round(&$0, &$1, s8, v, depthwise: false) })
    }
    for i in 0..<k_s8_depthwise_variant_count {
        let v = k_s8_depthwise_variant_at(i)!.pointee
        note(check(v.name, v.requires & ~features, i, seed, rounds) { s8Round(&$0, &$1, s8Depthwise, v, depthwise: true) })
    }
    let f32 = k_f32_convolution_variant_at(0)!.pointee, f32Depthwise = k_f32_depthwise_variant_at(0)!.pointee
    for i in 0..<k_f32_convolution_variant_count {
        let v = k_f32_convolution_variant_at(i)!.pointee
        note(
            check(v.name, v.requires & ~features, i, seed, rounds) {
                f32Round(&$0, &$1, depthwise: false, { $0.run(f32, $1) }, { $0.run(v, $1) })
            })
    }
    for i in 0..<k_f32_depthwise_variant_count {
        let v = k_f32_depthwise_variant_at(i)!.pointee
        note(
            check(v.name, v.requires & ~features, i, seed, rounds) {
                f32Round(&$0, &$1, depthwise: true, { $0.run(f32Depthwise, $1) }, { $0.run(v, $1) })
            })
    }
    let hybrid = k_hybrid_convolution_variant_at(0)!.pointee
    for i in 0..<k_hybrid_convolution_variant_count {
        let v = k_hybrid_convolution_variant_at(i)!.pointee
        note(
            check(v.name, v.requires & ~features, i, seed, rounds) {
                f32Round(&$0, &$1, depthwise: false, { $0.run(hybrid, $1) }, { $0.run(v, $1) })
            })
    }
    let frontend = k_micro_frontend_variant_at(0)!.pointee
    for i in 0..<k_micro_frontend_variant_count {
        let v = k_micro_frontend_variant_at(i)!.pointee
        let c = FrontendCase()
        note(
            check(v.name, v.requires & ~features, i, seed, rounds) {
                c.round(&$0, &$1, frontend, v).map { Difference(byte: $0) }
            })
    }
    return all
}

/// Where a round's output differed from the reference's.
private struct Difference {
    var shape: k_convolution_shape?
    var byte: Int
}

private func check(
    _ name: UnsafePointer<CChar>, _ missing: UInt32, _ index: Int32, _ seed: UInt64, _ rounds: Int,
    round run: (inout Random, inout UInt64) -> Difference?
) -> KernelReport {
    guard missing == 0 else { return KernelReport(name: name, outcome: .skipped(missing: missing)) }
    var random = Random(seed: seed)
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for round in 0..<rounds {
        if let d = run(&random, &digest) {
            return KernelReport(name: name, outcome: .failed(round: round, shape: d.shape, byte: d.byte))
        }
    }
    return KernelReport(name: name, outcome: index == 0 ? .reference(digest: digest) : .passed)
}

/// FNV-1a, 64 bits.
func fold(_ byte: UInt8, into digest: inout UInt64) { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }

private func fold<T>(_ memory: borrowing Memory<T>, into digest: inout UInt64) {
    for i in 0..<memory.byteCount { fold(memory.raw.load(fromByteOffset: i, as: UInt8.self), into: &digest) }
}

private func s8Round(
    _ r: inout Random, _ digest: inout UInt64, _ reference: k_s8_convolution_variant,
    _ variant: k_s8_convolution_variant, depthwise: Bool
) -> Difference? {
    let c = S8Case(&r, depthwise: depthwise, reference: reference)
    let output = Memory<Int8>(c.expected.count)
    c.run(variant, output)
    fold(output, into: &digest)
    return c.expected.firstDifference(output).map { Difference(shape: c.shape, byte: $0) }
}

private func f32Round(
    _ r: inout Random, _ digest: inout UInt64, depthwise: Bool,
    _ reference: (borrowing F32Case, borrowing Memory<Float>) -> Void,
    _ variant: (borrowing F32Case, borrowing Memory<Float>) -> Void
) -> Difference? {
    let c = F32Case(&r, depthwise: depthwise)
    let expected = Memory<Float>(c.shape.outputCount), output = Memory<Float>(c.shape.outputCount)
    reference(c, expected)
    variant(c, output)
    fold(output, into: &digest)
    return expected.firstDifference(output).map { Difference(shape: c.shape, byte: $0) }
}
