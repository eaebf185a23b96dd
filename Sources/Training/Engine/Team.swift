import CLinux
import CTraining
import Foundation
import Synchronization

/// A thread for each core but the caller's, which share the parts of a job with it. A step of training is hundreds of jobs of
/// some hundred microseconds each: its threads look out for the next one awhile before they sleep, since waking
/// one takes as long as its share of the work.
///
/// Its threads stay as long as the program.
final class Team: @unchecked Sendable {
    static let shared = Team(members: ProcessInfo.processInfo.activeProcessorCount - 1)

    private typealias Job = (Int) -> Void
    /// The job's number, of how many parts it is, and which of them is next: whoever raises the last does that part.
    private struct Ticket {
        var bits: UInt64
        init(bits: UInt64) { self.bits = bits }
        /// Of the number, 32 bits count.
        init(job: UInt64, parts: Int) { bits = job << 32 | UInt64(parts) << 16 }
        var job: UInt64 { bits >> 32 }
        var parts: Int { Int(bits >> 16 & 0xffff) }
        var part: Int { Int(bits & 0xffff) }
        var isOver: Bool { part >= parts }
        var next: Ticket { Ticket(bits: bits + 1) }
    }

    private let members: Int
    /// How often whoever waits looks before he leaves his core to others.
    private let patience = 4000
    private let ticket = Atomic<UInt64>(0)
    /// The caller's `Job`: it stands as long as a part of it is to be done.
    private let job = Atomic<UnsafeRawPointer?>(nil)
    private let done = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let alarm = DispatchSemaphore(value: 0)
    /// Held by who has a job; who comes second does his alone.
    private let isTaken = Atomic<Bool>(false)

    init(members: Int) {
        self.members = members
        for _ in 0..<members {
            Thread.detachNewThread {
                _ = linux_flush_denormals()
                while true {
                    self.wait()
                    while self.work() {}
                }
            }
        }
    }

    /// Calls `body` once with each of 0..<`parts`, at most 65535, on all threads; returns when all are done.
    func share(_ parts: Int, _ body: (Int) -> Void) {
        precondition(parts <= 0xffff, "\(parts) parts")
        let mode = linux_flush_denormals()
        defer { linux_restore_denormals(mode) }
        guard members > 0, parts > 1, isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            for part in 0..<parts { body(part) }
            return
        }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body as Job) {
                job.store(UnsafeRawPointer($0), ordering: .relaxed)
                done.store(0, ordering: .relaxed)
                let last = Ticket(bits: ticket.load(ordering: .relaxed))
                ticket.store(Ticket(job: last.job + 1, parts: parts).bits, ordering: .sequentiallyConsistent)
                for _ in 0..<min(sleepers.load(ordering: .sequentiallyConsistent), parts - 1) { alarm.signal() }
                while work() {}
                var looks = 0
                while done.load(ordering: .acquiring) < parts {
                    looks += 1
                    if looks < patience { t_pause() } else { sched_yield() }
                }
            }
        }
        isTaken.store(false, ordering: .releasing)
    }

    /// Does a part, if one is left.
    private func work() -> Bool {
        let current = Ticket(bits: ticket.load(ordering: .acquiring))
        if current.isOver { return false }
        let job = job.load(ordering: .relaxed)
        // Whoever wins this knows that the job is still that of the ticket, because this part of it is not done.
        guard ticket.compareExchange(expected: current.bits, desired: current.next.bits, ordering: .acquiringAndReleasing).exchanged
        else { return true }
        job!.assumingMemoryBound(to: Job.self).pointee(current.part)
        done.add(1, ordering: .releasing)
        return true
    }

    /// Until there may be a job.
    private func wait() {
        for _ in 0..<patience {
            if !Ticket(bits: ticket.load(ordering: .relaxed)).isOver { return }
            t_pause()
        }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        if Ticket(bits: ticket.load(ordering: .sequentiallyConsistent)).isOver { alarm.wait() }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
    }
}
