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
        #if arch(x86_64) || arch(arm64)
        #expect(skipped == 6)
        #endif
    }
}
