import CKernels
import KernelCheck
import Testing

@Suite struct VariantTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func everyVariantGivesTheBitsOfItsReference(seed: UInt64) {
        checkKernels(seed: seed, rounds: 400) { report in
            #expect(report.passed, "\(String(cString: report.name)): \(report.outcome)")
        }
    }

    /// A CPU without any feature runs references, and each has at least one variant that it misses.
    @Test func whatTheCPULacksIsSkipped() {
        var references = 0, skipped = 0, others = 0
        checkKernels(seed: 1, rounds: 1, features: 0) { report in
            switch report.outcome {
            case .reference: references += 1
            case .skipped: skipped += 1
            default: others += 1
            }
        }
        #expect(references == AgreedDigests.values.count)
        #expect(others == 0)
        #if arch(x86_64) || arch(arm64)
        #expect(skipped >= references)
        #endif
    }
}
