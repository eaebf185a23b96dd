/// Lines over two axes.
struct LinePlot {
    struct Series {
        var style: String
        var points: [(x: Double, y: Double)]
        /// One for each point; empty: the points aren't marked.
        var titles: [String] = []
    }

    struct Mark {
        var x: Double, y: Double
        var style: String
        var title: String
        var radius = 5.0
    }

    /// A value and what stands at it.
    typealias Tick = (at: Double, text: String)

    var xTitle: String, yTitle: String
    /// At the least two of each, rising: the first and the last are the ends of the axis.
    var xTicks: [Tick], yTicks: [Tick]
    var series: [Series] = []
    var marks: [Mark] = []
    /// Lines for what is asked for: a value on an axis, and what it is.
    var xGuide: Tick?, yGuide: Tick?

    private static let width = 640.0, height = 380.0
    private static let left = 56.0, right = 18.0, top = 16.0, bottom = 46.0

    private static func place(_ value: Double, _ ticks: [Tick], _ from: Double, _ to: Double) -> Double {
        let low = ticks[0].at, high = ticks[ticks.count - 1].at
        return from + (min(max(value, low), high) - low) / (high - low) * (to - from)
    }

    func svg(_ name: String) -> String {
        var drawing = Drawing(width: Self.width, height: Self.height)
        let x0 = Self.left, x1 = Self.width - Self.right, y0 = Self.height - Self.bottom, y1 = Self.top
        func x(_ value: Double) -> Double { Self.place(value, xTicks, x0, x1) }
        func y(_ value: Double) -> Double { Self.place(value, yTicks, y0, y1) }

        for tick in xTicks {
            drawing.line(x(tick.at), y0, x(tick.at), y1, "grid")
            drawing.text(x(tick.at), y0 + 18, tick.text)
        }
        for tick in yTicks {
            drawing.line(x0, y(tick.at), x1, y(tick.at), "grid")
            drawing.text(x0 - 8, y(tick.at) + 4, tick.text, anchor: "end")
        }
        drawing.text((x0 + x1) / 2, Self.height - 6, xTitle, "title")
        drawing.text(14, (y0 + y1) / 2, yTitle, "title", turned: -90)
        if let guide = xGuide {
            drawing.line(x(guide.at), y0, x(guide.at), y1, "guide")
            drawing.text(x(guide.at) + 5, y1 + 11, guide.text, "label", anchor: "start")
        }
        if let guide = yGuide {
            drawing.line(x0, y(guide.at), x1, y(guide.at), "guide")
            drawing.text(x1 - 4, y(guide.at) - 5, guide.text, "label", anchor: "end")
        }
        for line in series {
            let points = line.points.map { (x: x($0.x), y: y($0.y)) }
            drawing.path(points, "line \(line.style)")
            for (point, title) in zip(points, line.titles) { drawing.circle(point.x, point.y, 4, "dot \(line.style)", title: title) }
        }
        for mark in marks { drawing.circle(x(mark.x), y(mark.y), mark.radius, "dot \(mark.style)", title: mark.title) }
        return drawing.svg(name)
    }
}
