import Support

/// Prints edges: instead of driving a line where there is none, and beside it where one wants to see.
public struct TraceOutput: ~Copyable {
    public enum Style: Sendable {
        /// `  1.230 s  GPIO17 ↑`
        case text
        /// `{"event":"gpio","time":1.230,"line":"GPIO17","active":true}`
        case json
    }

    private let style: Style
    private let fd: Int32
    private var line = Line()

    public init(_ style: Style, to fd: Int32 = 1) {
        self.style = style
        self.fd = fd
    }

    /// Allocates nothing.
    public mutating func print(_ edge: Edge, of name: String) {
        let seconds = Double(edge.time) / 1e9
        switch style {
        case .text:
            // Right-aligned up to 999.999 s: columns for a person, who seldom listens longer to a trace.
            if seconds < 100 { line.append(byte: 32) }
            if seconds < 10 { line.append(byte: 32) }
            line.append(seconds, decimals: 3)
            line.append(" s  ")
            line.append(name)
            line.append(edge.active ? " ↑" : " ↓")
        case .json:
            line.append("{\"event\":\"gpio\",\"time\":")
            line.append(seconds, decimals: 3)
            line.append(",\"line\":")
            line.append(json: name)
            line.append(edge.active ? ",\"active\":true}" : ",\"active\":false}")
        }
        line.flush(to: fd)
    }
}
