import CLinux
import Testing

/// `--hop`: a window that moves on gives what it would give anew, and costs less to compute.
@Suite struct HopTests {
    private let folder = Folder()
    private let model = packageFolder + "/Firmware/models/commands-tiny.tflite"

    @Test func windowsFromAFile() throws {
        // 9 windows [49, 40] of noise, 5 rows apart.
        var state: UInt32 = 1
        let rows = (0..<90 * 40).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        var windows: [UInt8] = []
        for first in stride(from: 0, through: 40, by: 5) { windows += rows[first * 40..<(first + 49) * 40] }
        let file = folder.write("windows.raw", windows)
        let whole = folder.path + "/whole.raw", next = folder.path + "/next.raw"
        #expect(Katydid.run("run", model, "--input", file, "--output", whole).status == 0)
        #expect(Katydid.run("run", model, "--input", file, "--hop", "5", "--output", next).status == 0)
        #expect(contents(whole) == contents(next) && contents(whole).count == 9 * 12)
    }

    @Test func whatItCosts() {
        func macs(_ outcome: Outcome) -> Int? {
            outcome.output.split(separator: "\n").first { $0.contains(" all ") }.flatMap { Int($0.split(separator: " ")[3]) }
        }
        let whole = Katydid.run("bench", model, "--runs", "3"), next = Katydid.run("bench", model, "--runs", "3", "--hop", "6")
        #expect(whole.status == 0 && next.status == 0)
        guard let all = macs(whole), let some = macs(next) else {
            Issue.record("no sums in \(whole.output)\(next.output)")
            return
        }
        #expect(some < all * 2 / 3)
        #expect(Katydid.run("inspect", model, "--hop", "6").output.contains("is kept"))
        #expect(Katydid.run("run", model, "--hop", "0").status == EX_USAGE)
    }
}
