import Foundation

/// An inline SVG in the making. Colours are classes of the page's style, so that it can be light or dark.
struct Drawing {
    let width: Double, height: Double
    private var parts: [String] = []

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        parts.append("<line x1='\(n(x1))' y1='\(n(y1))' x2='\(n(x2))' y2='\(n(y2))' class='\(style)'/>")
    }

    mutating func path(_ points: [(x: Double, y: Double)], _ style: String) {
        guard !points.isEmpty else { return }
        parts.append("<polyline points='\(points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " "))' class='\(style)'/>")
    }

    mutating func circle(_ x: Double, _ y: Double, _ radius: Double, _ style: String, title: String = "") {
        parts.append("<circle cx='\(n(x))' cy='\(n(y))' r='\(n(radius))' class='\(style)'>\(tip(title))</circle>")
    }

    mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, opacity: Double = 1, title: String = "") {
        let faint = opacity < 1 ? " fill-opacity='\(n(opacity))'" : ""
        parts.append(
            "<rect x='\(n(x))' y='\(n(y))' width='\(n(max(width, 0)))' height='\(n(height))' rx='2' class='\(style)'\(faint)>\(tip(title))</rect>")
    }

    /// `anchor`: start, middle or end. `turned`: degrees.
    mutating func text(_ x: Double, _ y: Double, _ text: String, _ style: String = "label", anchor: String = "middle", turned: Double = 0) {
        let turn = turned == 0 ? "" : " transform='rotate(\(n(turned)) \(n(x)) \(n(y)))'"
        parts.append("<text x='\(n(x))' y='\(n(y))' text-anchor='\(anchor)' class='\(style)'\(turn)>\(text.escaped)</text>")
    }

    /// `name`: what it shows, for those who don't see it.
    func svg(_ name: String) -> String {
        "<svg viewBox='0 0 \(n(width)) \(n(height))' style='max-width:\(n(width))px' role='img' aria-label='\(name.escaped)'>\(parts.joined(separator: "\n"))</svg>"
    }

    private func tip(_ title: String) -> String { title.isEmpty ? "" : "<title>\(title.escaped)</title>" }

    private func n(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}

extension String {
    /// As HTML's text and attributes.
    var escaped: String {
        reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "'": text += "&#39;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
    }
}
