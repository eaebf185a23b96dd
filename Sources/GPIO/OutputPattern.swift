/// A change of a line's level, at `time` ns on the caller's clock.
public struct Edge: Equatable, Sendable {
    public var time: Int64
    public var active: Bool
}

/// What a line does over time, without the line: actions and the time go in, edges come out.
/// Any clock will do, as long as it runs forward: a file's sound has its own.
public struct OutputPattern: Sendable {
    /// The level after the edges so far.
    public private(set) var active = false
    /// When the next edge is due; nil when nothing will happen.
    public private(set) var deadline: Int64?

    private var nextLevel = false
    /// How long levels last after the next one, ns.
    private var interval: Int64 = 0
    /// Levels after the next one; nil: for ever.
    private var levelsLeft: Int? = 0

    /// Of breathing: its period, ns, 0 for none; when it began, and when its frame of pulse-width modulation did.
    private var breath: Int64 = 0
    private var breathStart: Int64 = 0
    private var frameStart: Int64 = 0

    /// Whether it breathes: too many edges to look at.
    public var isBreathing: Bool { breath > 0 }

    /// 100 Hz: above what an eye sees flicker.
    private static let frame: Int64 = 10_000_000  // ns
    private static let shortestPulse: Int64 = 100_000  // ns

    /// Later than this we did not hop late: the machine slept, and nobody wants the blinks that it missed.
    private static let asleep: Int64 = 1_000_000_000  // ns

    public init() {}

    /// Begins `action` at `now` in place of what was under way. Its first edge, too, comes from `next`.
    public mutating func start(_ action: OutputAction, at now: Int64) {
        deadline = now
        nextLevel = true
        levelsLeft = 0
        breath = 0
        switch action {
        case .set: break
        case .clear: nextLevel = false
        case .toggle: nextLevel = !active
        case .pulse(let time):
            interval = time
            levelsLeft = 1
        case .blink(let time, let count):
            interval = time
            levelsLeft = count.map { 2 * $0 - 1 }
        case .breathe(let time):
            breath = time
            breathStart = now
        }
    }

    /// The next edge that is due by `now`, in order of time; nil when there is none (left).
    public mutating func next(by now: Int64) -> Edge? {
        if isBreathing { return nextOfBreath(by: now) }
        while let time = deadline, time <= now {
            if levelsLeft != 0, now - time > OutputPattern.asleep { skip(to: now) }
            let edge = Edge(time: deadline ?? time, active: nextLevel)
            if levelsLeft == 0 {
                deadline = nil
            } else {
                levelsLeft = levelsLeft.map { $0 - 1 }
                deadline = edge.time + interval
                nextLevel = !nextLevel
            }
            if edge.active != active {
                active = edge.active
                return edge
            }
        }
        return nil
    }

    private mutating func nextOfBreath(by now: Int64) -> Edge? {
        while var time = deadline, time <= now {
            if now - time > OutputPattern.asleep {
                time = now
                nextLevel = true
            }
            let edge = Edge(time: time, active: nextLevel)
            if nextLevel {
                frameStart = time
                // A triangle, squared: even steps to an eye.
                let phase = Double((time - breathStart) % breath) / Double(breath)
                let height = 1 - abs(2 * phase - 1)
                let width = Int64(height * height * Double(OutputPattern.frame))
                let isOn = width >= OutputPattern.shortestPulse, isWhole = width > OutputPattern.frame - OutputPattern.shortestPulse
                deadline = time + (isOn && !isWhole ? width : OutputPattern.frame)
                nextLevel = !isOn || isWhole
                if !isOn { continue }
            } else {
                deadline = frameStart + OutputPattern.frame
                nextLevel = true
            }
            if edge.active != active {
                active = edge.active
                return edge
            }
        }
        return nil
    }

    /// Passes over as many whole blinks as lie before `now`; what is left ends when it would have.
    private mutating func skip(to now: Int64) {
        guard let time = deadline else { return }
        var blinks = (now - time) / (2 * interval)
        if let left = levelsLeft { blinks = min(blinks, Int64(left / 2)) }
        deadline = time + blinks * 2 * interval
        levelsLeft = levelsLeft.map { $0 - Int(blinks) * 2 }
    }
}
