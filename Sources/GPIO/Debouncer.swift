/// What a bouncing contact means: a level counts once it has stood still for `interval` ns. Edges and time go
/// in, levels come out; any clock will do.
public struct Debouncer: Sendable {
    /// The level that counts.
    public private(set) var active: Bool
    /// When `settle` is next needed; nil while nothing moves.
    public private(set) var deadline: Int64?

    private let interval: Int64
    private var newest: Bool

    public init(active: Bool, interval: Int64) {
        self.active = active
        self.interval = interval
        newest = active
    }

    public mutating func take(_ edge: Edge) {
        newest = edge.active
        deadline = edge.time + interval
    }

    /// True when the level that counts has changed by `now`.
    public mutating func settle(by now: Int64) -> Bool {
        guard let time = deadline, time <= now else { return false }
        deadline = nil
        guard newest != active else { return false }
        active = newest
        return true
    }
}
