import Dispatch
import Synchronization
import Testing

@testable import Training

@Suite struct TeamTests {
    /// More threads than most machines that run this have cores, so that some are stopped in the middle of a part.
    static let crowd = Team(members: 3)
    static let loner = Team(members: 0)

    /// How often each part of a job was done.
    private func counts(_ team: Team, _ parts: Int, _ work: @escaping @Sendable (Int) -> Void = { _ in }) -> [Int] {
        let done = UnsafeMutablePointer<Int>.allocate(capacity: parts)
        done.initialize(repeating: 0, count: parts)
        defer { done.deallocate() }
        // A part that two did at once might count one, but one that nobody waited for or that was done twice shows.
        nonisolated(unsafe) let counts = done
        team.share(parts) {
            work($0)
            counts[$0] += 1
        }
        return (0..<parts).map { done[$0] }
    }

    @Test func everyPartIsDoneOnceBeforeItReturns() {
        for team in [Self.crowd, Self.loner, .shared] {
            for job in 0..<20_000 {
                let parts = job % 17
                #expect(counts(team, parts) == [Int](repeating: 1, count: parts))
            }
        }
        #expect(counts(Self.crowd, 0xffff) == [Int](repeating: 1, count: 0xffff))
    }

    @Test func partsOfDifferentLengthAreAllWaitedFor() {
        let state = Mutex(RandomGenerator(seed: 1))
        for _ in 0..<100 {
            let done = counts(Self.crowd, 8) { _ in
                // Some long enough for members to go to sleep, and to be woken.
                var x = RandomGenerator(seed: state.withLock { $0.next() })
                for _ in 0..<(x.next() % 20_000) { _ = x.next() }
            }
            #expect(done == [Int](repeating: 1, count: 8))
        }
    }

    @Test func twoCallersAndAJobWithinAJobDontMix() {
        let wrong = Atomic<Int>(0), once = [Int](repeating: 1, count: 8)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<2000 {
                let outer = counts(Self.crowd, 8) { part in
                    if part == 3, counts(Self.crowd, 8) != once { wrong.add(1, ordering: .relaxed) }
                }
                if outer != once { wrong.add(1, ordering: .relaxed) }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }
}
