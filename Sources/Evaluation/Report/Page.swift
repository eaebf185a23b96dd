import Foundation

/// An evaluation as one HTML file that needs nothing else: models side by side.
public struct Page {
    private let evaluation: Evaluation
    private var models: [Evaluation.Result] { evaluation.models }

    public init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    /// Groups of recordings that are shown.
    static let mostGroups = 12

    /// The colour of a model.
    static func style(_ model: Int) -> String { "s\(model % 6)" }

    public var html: String {
        var sections = [summary]
        if models.contains(where: { $0.listening?.tradeOff != nil }) { sections.append(card("Missed words against false accepts", tradeOff)) }
        if models.contains(where: { $0.clips.count > 1 }) { sections.append(card("Accuracy in noise", noise)) }
        sections.append(card("Recall by word", recall))
        if models.contains(where: { $0.listening != nil }) { sections.append(card("False accepts by recording", accepts)) }
        for i in models.indices where !models[i].clips.isEmpty { sections.append(card("Confusions of \(models[i].name)", confusion(i))) }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>How well \(models.map(\.name).joined(separator: ", ").escaped) hear</title><style>\(Self.style)</style></head><body><main>
            <h1>How well \(models.count == 1 ? "\(models[0].name) hears".escaped : "\(models.count) models hear")</h1>
            <p>\(introduction)</p>
            \(sections[0])
            <div class="cards">
            \(sections.dropFirst().joined(separator: "\n"))
            </div>
            </main></body></html>

            """
    }

    private var introduction: String {
        let clips = models.first?.clips.first?.confusion.total ?? 0
        let streams = evaluation.hours > 0 ? String(format: " and %.1f hours of recordings in which nobody says a word that they know", evaluation.hours) : ""
        return "Measured with katydid-forge evaluate on \(clips) clips of the \(evaluation.split) split\(streams), as the board computes.".escaped
    }

    private func card(_ title: String, _ body: String) -> String { "<section><h2>\(title.escaped)</h2>\(body)</section>" }

    private func name(_ i: Int) -> String { "<i class='chip \(Self.style(i))'></i><span class='name'>\(models[i].name.escaped)</span>" }

    // MARK: - Sections

    private var summary: String {
        let header = [
            "Model", "Bytes", "Accuracy", "Mean recall of words", "Accuracy at 10 dB", "Cutoff", "False accepts an hour", "Missed, quiet", "Missed, 10 dB",
            "Cutoff for ≤ 1 an hour", "then missed, 10 dB",
        ].map { "<th>\($0)</th>" }.joined()
        let rows = models.indices.map { i -> String in
            let model = models[i], clean = model.clips.first, noisy = model.clips.first { $0.snr == 10 }, heard = model.listening
            let cutoffs = Set(heard?.cutoffs ?? []).sorted().map { String(format: "%g", $0) }.joined(separator: "–")
            let cells = [
                model.bytes.formatted(.number.locale(Locale(identifier: "en"))), percent(clean?.accuracy), percent(clean?.meanRecall), percent(noisy?.accuracy),
                cutoffs.isEmpty ? "-" : cutoffs, heard.map { String(format: "%.2f", $0.falseAcceptsPerHour) } ?? "-", percent(heard?.misses.first?.rate),
                percent(heard?.misses.last?.rate), heard?.suggestion.map { String(format: "%g", $0.cutoff) } ?? (heard == nil ? "-" : "none"),
                percent(heard?.suggestion?.missedInNoise),
            ]
            return "<tr><td>\(name(i))</td>\(cells.map { "<td>\($0.escaped)</td>" }.joined())</tr>"
        }
        let remarks = evaluation.remarks.isEmpty
            ? ""
            : "<details><summary>\(evaluation.remarks.count) remarks on the data</summary>\(evaluation.remarks.map { "<p>\($0.escaped)</p>" }.joined())</details>"
        return "<section class='wide'><table><tr>\(header)</tr>\(rows.joined())</table>\(remarks)</section>"
    }

    private func legend(_ more: [String] = []) -> String {
        let names = models.count > 1 ? models.indices.map { "<span><i class='\(Self.style($0))'></i>\(models[$0].name.escaped)</span>" } : []
        return names.isEmpty && more.isEmpty ? "" : "<div class='legend'>\((names + more).joined())</div>"
    }

    private var tradeOff: String {
        // Nothing is no place on a logarithmic axis: what is heard less than once in ten hours stands at its end.
        func place(_ perHour: Double) -> Double { log10(max(perHour, 0.1)) }
        let most = models.compactMap { $0.listening?.tradeOff?.points.map(\.falseAcceptsPerHour).max() }.max() ?? 1
        let highest = [0.1, 1, 10, 100, 1000].first { $0 >= min(most, 1000) && $0 > 1 } ?? 10
        var plot = LinePlot(
            xTitle: "false accepts an hour", yTitle: "words missed",
            xTicks: [(0.1, "≤ 0.1"), (0.3, "0.3"), (1, "1"), (3, "3"), (10, "10"), (30, "30"), (100, "100"), (300, "300"), (1000, "1000")].filter { $0.0 <= highest }
                .map { (log10($0.0), $0.1) },
            yTicks: [], xGuide: (0, "1 an hour"), yGuide: (0.08, "8 %"))
        // Only what anyone would choose: up to half of the words missed.
        let shown = models.compactMap(\.listening?.tradeOff).flatMap(\.points).filter { $0.falseAcceptsPerHour <= highest }
        let top = min(max(((shown.map { max($0.missedClean, $0.missedInNoise) }.max() ?? 1) * 10).rounded(.up) / 10, 0.1), 1)
        plot.yTicks = (0...5).map { (top * Double($0) / 5, "\(Int((top * Double($0) * 20).rounded())) %") }
        for (i, model) in models.enumerated() {
            guard let heard = model.listening, let points = heard.tradeOff?.points else { continue }
            plot.series.append(.init(style: Self.style(i), points: points.map { (place($0.falseAcceptsPerHour), $0.missedInNoise) }))
            plot.series.append(.init(style: "dashed " + Self.style(i), points: points.map { (place($0.falseAcceptsPerHour), $0.missedClean) }))
            for rate in heard.misses.compactMap(\.rate) {
                plot.marks.append(.init(
                    x: place(heard.falseAcceptsPerHour), y: rate, style: Self.style(i),
                    title: "\(model.name) as it is: \(percent(rate)) missed, \(String(format: "%.2f", heard.falseAcceptsPerHour)) an hour"))
            }
            if let best = heard.suggestion {
                plot.marks.append(.init(
                    x: place(best.falseAcceptsPerHour), y: best.missedInNoise, style: "ring \(Self.style(i))",
                    title: String(format: "\(model.name) at a cutoff of %g: ", best.cutoff) + "\(percent(best.missedInNoise)) missed"))
            }
        }
        return "<p>Words said into noise, and recordings without them, over cutoffs; as katydid listen decides.</p>"
            + legend([
                "<span><i></i>words at 10 dB</span>", "<span><i class='dashed'></i>in quiet</span>", "<span><i class='round'></i>the manifest's cutoff</span>",
                "<span><i class='open'></i>fewest missed with ≤ 1 an hour</span>",
            ]) + plot.svg("Missed words against false accepts an hour")
    }

    private var noise: String {
        let levels = models.first { $0.clips.count > 1 }?.clips.map(\.snr) ?? []
        let lowest = models.flatMap { $0.clips.map(\.accuracy) }.min() ?? 0
        let floor = Double(Int(max(lowest, 0) * 10)) / 10
        var plot = LinePlot(
            xTitle: "signal to noise", yTitle: "accuracy", xTicks: levels.enumerated().map { (Double($0), Evaluation.level($1)) },
            yTicks: (0...5).map { (floor + (1 - floor) * Double($0) / 5, "\(Int(((floor + (1 - floor) * Double($0) / 5) * 100).rounded())) %") })
        for (i, model) in models.enumerated() {
            let clips = model.clips.filter { levels.contains($0.snr) }
            plot.series.append(.init(
                style: Self.style(i), points: clips.map { (Double(levels.firstIndex(of: $0.snr)!), $0.accuracy) },
                titles: clips.map { "\(model.name), \(Evaluation.level($0.snr)): \(percent($0.accuracy))" }))
        }
        return "<p>Clips of a second with noise of the same split mixed in.</p>" + legend() + plot.svg("Accuracy by signal-to-noise ratio")
    }

    private var recall: String {
        var names: [String] = []
        for word in models.flatMap(\.classes) where !names.contains(word) { names.append(word) }
        var rows: [(name: String, items: [RowPlot.Item])] = []
        for name in names {
            var items: [RowPlot.Item] = []
            for (i, model) in models.enumerated() {
                if let word = model.clips.first?.words.first(where: { $0.word == name }), let recall = word.recall {
                    items.append(.init(
                        value: recall, style: Self.style(i), title: "\(model.name), \(name): \(percent(recall)) of \(word.clips) clips"))
                }
                if let count = model.listening?.misses.last?.words.first(where: { $0.word == name }), let missed = count.missRate {
                    items.append(.init(
                        value: 1 - missed, style: "ring \(Self.style(i))",
                        title: "\(model.name), \(name): \(count.heard) of \(count.said) heard in a stream at 10 dB"))
                }
            }
            if !items.isEmpty { rows.append((name, items)) }
        }
        let lowest = rows.flatMap(\.items).map(\.value).min() ?? 0
        let floor = Double(Int(lowest * 10)) / 10
        let steps = max(Int(((1 - floor) * 10).rounded()), 1)
        let plot = RowPlot(
            form: .dots, xTitle: "recall", ticks: (0...steps).map { (floor + (1 - floor) * Double($0) / Double(steps), "\(Int(((floor + (1 - floor) * Double($0) / Double(steps)) * 100).rounded())) %") },
            rows: rows)
        let rings = models.contains { $0.listening != nil } ? ["<span><i class='round'></i>clips</span>", "<span><i class='open'></i>in a stream at 10 dB</span>"] : []
        return legend(rings) + plot.svg("Recall by word")
    }

    private var accepts: String {
        var totals: [(name: String, accepts: Int)] = []
        for group in models.compactMap(\.listening).flatMap(\.groups) {
            if let i = totals.firstIndex(where: { $0.name == group.name }) { totals[i].accepts += group.accepts } else { totals.append((group.name, group.accepts)) }
        }
        // A folder of many is told by what was heard most in.
        let isLong = totals.count > Self.mostGroups
        if isLong { totals = Array(totals.sorted { ($1.accepts, $0.name) < ($0.accepts, $1.name) }.prefix(Self.mostGroups)) }
        let names = totals.map(\.name)
        var rows: [(name: String, items: [RowPlot.Item])] = []
        for name in names {
            var items: [RowPlot.Item] = []
            for (i, model) in models.enumerated() {
                guard let group = model.listening?.groups.first(where: { $0.name == name }), group.hours > 0 else { continue }
                let text = String(format: "%d in %.1f h", group.accepts, group.hours)
                items.append(.init(value: Double(group.accepts) / group.hours, style: Self.style(i), title: "\(model.name): \(text)", text: text))
            }
            rows.append((name, items))
        }
        let most = max(rows.flatMap(\.items).map(\.value).max() ?? 1, 1)
        let step = [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].first { $0 * 6 >= most } ?? 1000
        let plot = RowPlot(
            form: .bars, xTitle: "false accepts an hour",
            ticks: (0...Int((most / step).rounded(.up))).map { (Double($0) * step, String(format: "%g", Double($0) * step)) }, rows: rows)
        return "<p>At the manifest's cutoff\(isLong ? "; the \(Self.mostGroups) of the most false accepts" : "").</p>" + legend() + plot.svg("False accepts an hour by recording") + lists
    }

    /// What was heard where: to be listened to.
    private var lists: String {
        models.indices.map { i -> String in
            guard let heard = models[i].listening, !heard.falseAccepts.isEmpty else { return "" }
            let list = heard.falseAccepts.sorted { $0.score > $1.score }
            let rows = list.prefix(100).map {
                "<tr><td>\($0.word.escaped)</td><td>\(String(format: "%.2f", $0.score))</td><td>\(String(format: "%.1f s", $0.second))</td><td class='text'>\($0.path.escaped)</td></tr>"
            }
            let more = list.count > 100 ? "<p>and \(list.count - 100) more, in the JSON</p>" : ""
            return "<details><summary>\(name(i)): the \(list.count) false accepts</summary><table><tr><th>Heard</th><th>Score</th><th>At</th><th>Recording</th></tr>\(rows.joined())</table>\(more)</details>"
        }.joined()
    }

    private func confusion(_ i: Int) -> String {
        "<p>Rows: what was said; columns: what it was taken for; right: recall.</p>"
            + MatrixPlot(confusion: models[i].clips[0].confusion, style: Self.style(i)).svg("Confusion matrix of \(models[i].name)")
    }
}
