import CLinux
import Dispatch
import Support
import Synchronization

/// `body` of 0..<count on `threads` threads, each with a state of its own, in order of the numbers. `progress` is told how many
/// are done, from any thread. Throws the first failure there was.
func inParallel<State, Result: Sendable>(
    _ count: Int, threads: Int, progress: (@Sendable (Int, Int) -> Void)? = nil, state: @Sendable () throws(Failure) -> State,
    _ body: @Sendable (inout State, Int) throws(Failure) -> Result
) throws(Failure) -> [Result] {
    let results = Mutex<(list: [Result?], failure: Failure?)>((Array(repeating: nil, count: count), nil))
    let next = Atomic(0), done = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(min(threads, count), 1)) { _ in
        let mode = linux_flush_denormals()
        defer { linux_restore_denormals(mode) }
        do throws(Failure) {
            var own = try state()
            while true {
                let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard i < count else { return }
                let result = try body(&own, i)
                results.withLock { $0.list[i] = result }
                progress?(done.wrappingAdd(1, ordering: .relaxed).newValue, count)
            }
        } catch {
            next.store(count, ordering: .relaxed)
            results.withLock { $0.failure = $0.failure ?? error }
        }
    }
    return try results.withLock { (all) throws(Failure) in
        if let failure = all.failure { throw failure }
        return all.list.map { $0! }
    }
}
