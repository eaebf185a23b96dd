/// A confusion matrix: rows are what clips were, columns what they were taken for.
struct MatrixPlot {
    var confusion: Confusion
    var style: String

    private static let left = 88.0, top = 74.0, cell = 36.0

    func svg(_ name: String) -> String {
        let classes = confusion.classes, size = Double(classes.count) * Self.cell
        var drawing = Drawing(width: Self.left + size + 46, height: Self.top + size + 6)
        for (i, name) in classes.enumerated() {
            let middle = (Double(i) + 0.5) * Self.cell
            drawing.text(Self.left - 8, Self.top + middle + 4, name, "label", anchor: "end")
            drawing.text(Self.left + middle + 3, Self.top - 8, name, "label", anchor: "start", turned: -50)
        }
        for (i, row) in confusion.counts.enumerated() {
            let all = row.reduce(0, +), y = Self.top + Double(i) * Self.cell
            for (j, count) in row.enumerated() {
                let x = Self.left + Double(j) * Self.cell
                drawing.box(x + 1, y + 1, Self.cell - 2, Self.cell - 2, "empty")
                guard count > 0 else { continue }
                let share = Double(count) / Double(all)
                // Few of many must still be seen.
                drawing.box(
                    x + 1, y + 1, Self.cell - 2, Self.cell - 2, i == j ? "bar \(style)" : "bar wrong", opacity: 0.15 + 0.85 * share.squareRoot(),
                    title: "\(classes[i]) taken for \(classes[j]): \(count) of \(all), \(percent(share))")
                drawing.text(x + Self.cell / 2, y + Self.cell / 2 + 4, String(count), share > 0.35 ? "over" : "inside")
            }
            drawing.text(Self.left + size + 42, y + Self.cell / 2 + 4, all == 0 ? "" : "\(Int((Double(row[i]) / Double(all) * 100).rounded())) %", "label", anchor: "end")
        }
        return drawing.svg(name)
    }
}
