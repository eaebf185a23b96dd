import Testing

@testable import GPIO

@Suite struct DebouncerTests {
    @Test func bouncesAreOnePress() {
        var contact = Debouncer(active: false, interval: 30)
        var changes: [Int64] = []
        let edges = [Edge(time: 100, active: true), Edge(time: 103, active: false), Edge(time: 105, active: true)]
        for now in stride(from: Int64(0), to: 300, by: 1) {
            for edge in edges where edge.time == now { contact.take(edge) }
            if contact.settle(by: now) { changes.append(now) }
        }
        #expect(changes == [135])
        #expect(contact.active && contact.deadline == nil)
    }

    @Test func aSpikeIsNothing() {
        var contact = Debouncer(active: false, interval: 30)
        contact.take(Edge(time: 100, active: true))
        contact.take(Edge(time: 101, active: false))
        #expect(contact.deadline == 131)
        let changed = contact.settle(by: 131)
        #expect(!changed)
        #expect(!contact.active)
    }
}
