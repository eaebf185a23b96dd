import Testing

@testable import GPIO

/// Times in ms, for short.
private struct Timeline {
    var pattern = OutputPattern()
    var edges: [String] = []

    mutating func start(_ action: OutputAction, at now: Int64) {
        advance(to: now)
        pattern.start(action, at: now)
        advance(to: now)
    }

    mutating func advance(to now: Int64) {
        while let edge = pattern.next(by: now) { edges.append("\(edge.time)\(edge.active ? "↑" : "↓")") }
    }
}

@Suite struct OutputPatternTests {
    @Test func setClearToggle() {
        var line = Timeline()
        line.start(.clear, at: 1)  // it is already
        line.start(.set, at: 2)
        line.start(.set, at: 3)
        line.start(.toggle, at: 4)
        line.start(.toggle, at: 5)
        line.start(.clear, at: 6)
        #expect(line.edges == ["2↑", "4↓", "5↑", "6↓"])
        #expect(line.pattern.deadline == nil)
    }

    /// Brightness is the share of time that the line is active: dark at both ends of a breath, full in its middle.
    @Test func breathes() {
        var pattern = OutputPattern()
        let ms: Int64 = 1_000_000
        pattern.start(.breathe(2000 * ms), at: 0)
        var edges: [Edge] = []
        for now in 0...4000 {
            while let edge = pattern.next(by: Int64(now) * ms) { edges.append(edge) }
        }
        func share(_ from: Int64, _ to: Int64) -> Double {
            var active = false, since = from, total: Int64 = 0
            for edge in edges + [Edge(time: to, active: false)] {
                let time = min(max(edge.time, from), to)
                if active { total += time - since }
                active = edge.active
                since = time
            }
            return Double(total) / Double(to - from)
        }
        #expect(share(0, 100 * ms) < 0.01)
        #expect(share(950 * ms, 1050 * ms) > 0.94)
        #expect(abs(share(450 * ms, 550 * ms) - 0.25) < 0.02)
        #expect(abs(share(0, 2000 * ms) - 1.0 / 3) < 0.01)
        #expect(abs(share(2000 * ms, 4000 * ms) - 1.0 / 3) < 0.01)
        #expect(zip(edges, edges.dropFirst()).allSatisfy { $0.time < $1.time && $0.active != $1.active })
        // After a sleep it does not catch up.
        let late = pattern.next(by: 100_000 * ms)
        #expect(late == nil || late!.time > 90_000 * ms)
        pattern.start(.clear, at: 100_001 * ms)
        while pattern.next(by: 100_001 * ms) != nil {}
        #expect(!pattern.active && pattern.deadline == nil)
    }

    @Test func aPulseEndsWhenItShouldHoweverLateWeLook() {
        var line = Timeline()
        line.start(.pulse(500), at: 1000)
        #expect(line.pattern.active)
        #expect(line.pattern.deadline == 1500)
        line.advance(to: 1499)
        #expect(line.edges == ["1000↑"])
        line.advance(to: 1700)
        #expect(line.edges == ["1000↑", "1500↓"])
        #expect(line.pattern.deadline == nil)
    }

    @Test func heardAgainAPulseIsLonger() {
        var line = Timeline()
        line.start(.pulse(500), at: 0)
        line.start(.pulse(500), at: 400)
        line.advance(to: 5000)
        #expect(line.edges == ["0↑", "900↓"])
    }

    @Test func blinks() {
        var line = Timeline()
        line.start(.blink(200, count: 3), at: 100)
        line.advance(to: 10_000)
        #expect(line.edges == ["100↑", "300↓", "500↑", "700↓", "900↑", "1100↓"])
        #expect(line.pattern.deadline == nil)
    }

    @Test func blinksUntilSomethingElse() {
        var line = Timeline()
        line.start(.blink(200, count: nil), at: 0)
        line.advance(to: 650)
        line.start(.clear, at: 700)
        line.advance(to: 10_000)
        #expect(line.edges == ["0↑", "200↓", "400↑", "600↓"])
        line.start(.blink(200, count: nil), at: 20_000)
        line.start(.set, at: 20_300)
        line.advance(to: 30_000)
        #expect(line.edges.suffix(3) == ["20000↑", "20200↓", "20300↑"])
    }

    @Test func blinksOnALineThatIsActiveGoOnFromThere() {
        var line = Timeline()
        line.start(.set, at: 0)
        line.start(.blink(10, count: 2), at: 100)
        line.advance(to: 1000)
        #expect(line.edges == ["0↑", "110↓", "120↑", "130↓"])
    }

    /// After a suspend of an hour nobody wants an hour's blinks at once; but they end as they would have.
    @Test func missedBlinksAreSkipped() {
        let s: Int64 = 1_000_000_000
        var line = OutputPattern()
        line.start(.blink(s / 10, count: nil), at: 0)
        var count = 0
        while line.next(by: 3600 * s) != nil { count += 1 }
        #expect(count <= 2)
        #expect(line.deadline! > 3600 * s)
        line.start(.blink(s, count: 5), at: 4000 * s)
        var last: Edge?
        while let edge = line.next(by: 5000 * s) { last = edge }
        #expect(last == Edge(time: 4009 * s, active: false))
    }

    /// However time is cut up, the edges are the same.
    @Test func stepsDoNotMatter() {
        for step in Int64(1)...97 {
            var line = Timeline()
            line.start(.blink(30, count: 4), at: 0)
            var now: Int64 = 0
            while now < 400 {
                now += step
                line.advance(to: now)
            }
            #expect(line.edges == ["0↑", "30↓", "60↑", "90↓", "120↑", "150↓", "180↑", "210↓"])
        }
    }
}
