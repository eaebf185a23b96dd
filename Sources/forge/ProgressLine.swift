import Foundation

/// What is being done and how long it will still take: a line that is written over on a terminal, nothing elsewhere.
struct ProgressLine {
    private let isTerminal = isatty(2) != 0
    private let start = Date()
    private var written = Date.distantPast

    /// `done` of `total`; `text` says more.
    mutating func show(_ what: String, _ done: Int, of total: Int, _ text: String = "") {
        guard isTerminal, Date().timeIntervalSince(written) > 0.2 || done == total else { return }
        written = Date()
        let share = Double(done) / Double(max(total, 1))
        let filled = Int(share * 24)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
        let left = done > 0 ? Date().timeIntervalSince(start) / share * (1 - share) : 0
        FileHandle.standardError.write(Data("\r\u{1B}[K\(what) \(bar) \(text) \(Self.duration(left)) left".utf8))
    }

    func clear() {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }

    static func duration(_ seconds: Double) -> String {
        let s = Int(seconds.rounded())
        return s < 3600 ? String(format: "%d:%02d", s / 60, s % 60) : String(format: "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60)
    }
}

/// One that several threads write.
final class SharedProgressLine: @unchecked Sendable {
    private var line = ProgressLine()
    private let lock = NSLock()

    func show(_ what: String, _ done: Int, of total: Int) { lock.withLock { line.show(what, done, of: total) } }

    func clear() { lock.withLock { line.clear() } }
}
