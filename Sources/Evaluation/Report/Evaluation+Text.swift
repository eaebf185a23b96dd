import Foundation

extension Evaluation {
    /// For a terminal.
    public var text: String { (remarkLines + models.flatMap { lines(of: $0) }).joined(separator: "\n") }

    private var remarkLines: [String] {
        remarks.isEmpty ? [] : remarks.prefix(5).map { "note: \($0)" } + (remarks.count > 5 ? ["note: and \(remarks.count - 5) more"] : []) + [""]
    }

    private func lines(of model: Result) -> [String] {
        var lines = ["\(model.name): \(model.bytes) bytes, \(model.clips.first?.confusion.total ?? 0) clips of the \(split) split", ""]
        lines.append("                accuracy   mean recall of the words")
        for clips in model.clips { lines.append("  \(Self.level(clips.snr).padded(12))\(percent(clips.accuracy).ahead(9))\(percent(clips.meanRecall).ahead(12))") }
        lines.append("")
        if let clean = model.clips.first { lines += words(clean, model.listening) + [""] + matrix(clean.confusion) + [""] }
        if let listening = model.listening { lines += heard(listening) + [""] }
        return lines
    }

    private func words(_ clips: ClipResult, _ listening: ListeningResult?) -> [String] {
        var header = "  word          clips   recall precision"
        for misses in listening?.misses ?? [] { header += "   missed, \(Self.level(misses.snr))" }
        if listening != nil { header += "   false accepts" }
        return [header] + clips.words.map { word in
            var line = "  \(word.word.padded(12))\(String(word.clips).ahead(7))\(percent(word.recall).ahead(9))\(percent(word.precision).ahead(10))"
            for misses in listening?.misses ?? [] {
                let count = misses.words.first { $0.word == word.word }
                line += percent(count?.missRate).ahead(11 + Self.level(misses.snr).count)
            }
            if let accepts = listening?.words.first(where: { $0.word == word.word }) { line += String(accepts.accepts).ahead(16) }
            return line
        }
    }

    private func matrix(_ confusion: Confusion) -> [String] {
        let short = confusion.classes.map { String($0.prefix(6)) }
        return ["  was, taken for" + short.map { $0.ahead(7) }.joined()]
            + confusion.classes.indices.map { i in
                "  " + confusion.classes[i].padded(14) + confusion.counts[i].map { ($0 == 0 ? "." : String($0)).ahead(7) }.joined()
            }
    }

    private func heard(_ listening: ListeningResult) -> [String] {
        let cutoffs = Set(listening.cutoffs).sorted().map { String(format: "%g", $0) }.joined(separator: ", ")
        var lines = [String(
            format: "  false accepts: %d in %.2f h, %.2f an hour, at a cutoff of \(cutoffs)", listening.falseAccepts.count, listening.hours,
            listening.falseAcceptsPerHour)]
        for group in listening.groups {
            lines.append("    \(group.name.padded(24))\(String(format: "%.2f h", group.hours).ahead(9))\(String(group.accepts).ahead(6))")
        }
        for misses in listening.misses {
            let confused = misses.words.reduce(0) { $0 + $1.confused }, said = misses.words.reduce(0) { $0 + $1.said }
            lines.append("  missed, \(Self.level(misses.snr)): \(percent(misses.rate)) of \(said) words; another word was heard in \(confused)"
                + (misses.delay.map { String(format: "; heard %.2f s after their end, median", $0) } ?? ""))
        }
        guard let tradeOff = listening.tradeOff else { return lines }
        lines += ["", "  cutoff  false accepts/h   missed, clean   missed, 10 dB"]
        for point in tradeOff.points where Self.isPrinted(point.cutoff) { lines.append(line(point)) }
        if let best = listening.suggestion {
            lines.append("  for at most one false accept an hour:")
            lines.append(line(best))
        } else {
            lines.append("  no cutoff gives at most one false accept an hour")
        }
        return lines
    }

    private func line(_ point: TradeOff.Point) -> String {
        String(format: "  %.3f", point.cutoff) + String(format: "%.2f", point.falseAcceptsPerHour).ahead(16) + percent(point.missedClean).ahead(16)
            + percent(point.missedInNoise).ahead(16)
    }

    private static func isPrinted(_ cutoff: Double) -> Bool { Int((cutoff * 1000).rounded()) % 50 == 0 || cutoff > 0.949 }

    static func level(_ snr: Double?) -> String { snr.map { String(format: "%g dB", $0) } ?? "clean" }
}

func percent(_ share: Double?) -> String { share.map { String(format: "%.1f %%", $0 * 100) } ?? "-" }

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }
    func ahead(_ width: Int) -> String { String(repeating: " ", count: max(width - count, 1)) + self }
}
