import CLinux
import Support

/// A push button on a line, debounced. Its line may be given as `GPIO27,active-low,pull-up`.
public struct Button: ~Copyable {
    private let line: InputLine
    private var debouncer: Debouncer
    private var slot = -1

    /// `interval`: ns that a level must stand still to count.
    public init(_ spec: OutputSpec, interval: Int64) throws(Failure) {
        let line = try InputLine(spec.address, spec.wiring)
        debouncer = Debouncer(active: try line.isActive(), interval: interval)
        self.line = line
    }

    public mutating func wait(in set: inout PollSet) {
        slot = set.add(line.fd)
        set.add(deadline: debouncer.deadline)
    }

    /// After the wait: true when the button was pressed (not when it was let go).
    public mutating func wasPressed(in set: borrowing PollSet, at now: Int64) -> Bool {
        if set.events(slot) != 0 {
            // Bounces come in bursts: a line that never rests must not keep the loop.
            for _ in 0..<64 {
                guard let edge = line.next() else { break }
                debouncer.take(edge)
            }
        }
        return debouncer.settle(by: now) && debouncer.active
    }
}
