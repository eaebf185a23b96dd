import CLinux
import Dataset
import Testing

/// The figure that counts is examples per second of one core, in relation to what the front-end alone takes: printed.
@Suite(.serialized) struct SpeedTests {
    @Test(.enabled(if: Shared.isThere && getenv("KATYDID_SPEED") != nil, "set KATYDID_SPEED, and have ../shared/data"))
    func examplesASecond() throws {
        var t = linux_now_ns()
        func lap(_ what: String) { let n = linux_now_ns(); print(what, Double(n - t) / 1e9, "s"); t = linux_now_ns() }
        let corpus = try Corpus([Shared.data], resplit: [.speech, .noise])
        lap("manifest")
        let bank = try SoundBank(corpus, splits: [.train])
        lap("reading")
        for r in bank.remarks.prefix(5) { print(r) }
        let sampler = try Sampler(bank, classes: Shared.words)
        lap("sampler")
        let n = 2000
        var features = [Float](repeating: 0, count: n * sampler.settings.features.count)
        var labels = [Int32](repeating: 0, count: n), sources = labels
        let cpu = linux_cpu_ns()
        features.withUnsafeMutableBufferPointer { f in
            labels.withUnsafeMutableBufferPointer { l in
                sources.withUnsafeMutableBufferPointer { s in sampler.fill(epoch: 0, 0..<n, features: f, labels: l, sources: s) }
            }
        }
        print("20,000 examples:", Double(linux_cpu_ns() - cpu) / 1e9 * 20000 / Double(n), "s of CPU,", sampler.sources.count, "sources")
        print((0..<12).map { k in labels.count { $0 == k } })
        print("mean feature", features.reduce(0, +) / Float(features.count))
    }
}
