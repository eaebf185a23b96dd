import CKernels
import KernelCheck
import Testing

@Suite struct VariantTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func everyVariantGivesTheBitsOfItsReference(seed: UInt64) {
        checkKernels(seed: seed, rounds: 400) { report in
            #expect(report.passed, "\(String(cString: report.name)): \(report.outcome)")
        }
    }

    @Test func whatTheCPULacksIsSkipped() {
        var skipped = 0
        checkKernels(seed: 1, rounds: 1, features: 0) { if case .skipped = $0.outcome { skipped += 1 } }
        let counts = [
            k_s8_convolution_variant_count, k_s8_depthwise_variant_count, k_f32_convolution_variant_count,
            k_f32_depthwise_variant_count, k_hybrid_convolution_variant_count,
        ]
        // All but the references.
        #expect(skipped == Int(counts.reduce(0, +)) - counts.count)
    }
}
