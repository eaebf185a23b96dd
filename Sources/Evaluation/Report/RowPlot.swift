/// A row for each name, with dots or bars over one axis.
struct RowPlot {
    struct Item {
        var value: Double
        var style: String
        var title: String
        /// Behind a bar.
        var text = ""
    }

    enum Form { case dots, bars }

    var form: Form
    var xTitle: String
    /// Rising; the first and the last are the ends of the axis.
    var ticks: [LinePlot.Tick]
    /// Dots of a row's items lie on one line where their style is a ring of the same colour as the one before.
    var rows: [(name: String, items: [Item])]

    private static let width = 640.0, left = 116.0, right = 74.0, top = 8.0, bottom = 44.0

    func svg(_ name: String) -> String {
        let lanes = rows.map { max($0.items.count { !$0.style.hasPrefix("ring") }, 1) }
        let lane = form == .bars ? 14.0 : 9.0, gap = form == .bars ? 12.0 : 13.0
        let total = lanes.reduce(0) { $0 + Double($1) * lane + gap }
        var drawing = Drawing(width: Self.width, height: Self.top + total + Self.bottom)
        let x0 = Self.left, x1 = Self.width - Self.right, y0 = Self.top + total
        let low = ticks[0].at, high = ticks[ticks.count - 1].at
        func x(_ value: Double) -> Double { x0 + (min(max(value, low), high) - low) / (high - low) * (x1 - x0) }

        for tick in ticks {
            drawing.line(x(tick.at), Self.top, x(tick.at), y0, "grid")
            drawing.text(x(tick.at), y0 + 18, tick.text)
        }
        drawing.text((x0 + x1) / 2, y0 + 38, xTitle, "title")
        var y = Self.top
        for (row, lanes) in zip(rows, lanes) {
            let height = Double(lanes) * lane + gap
            drawing.text(x0 - 10, y + height / 2 + 4, row.name, "label", anchor: "end")
            drawing.line(x0, y + height, x1, y + height, "grid")
            var at = y + gap / 2 - lane / 2
            for item in row.items {
                if !item.style.hasPrefix("ring") { at += lane }
                if form == .dots {
                    drawing.circle(x(item.value), at, 4.5, "dot \(item.style)", title: item.title)
                } else {
                    drawing.box(x0, at - lane / 2 + 1, max(x(item.value) - x0, 1), lane - 2, "bar \(item.style)", title: item.title)
                    drawing.text(x(item.value) + 5, at + 4, item.text, "small", anchor: "start")
                }
            }
            y += height
        }
        return drawing.svg(name)
    }
}
