import Dispatch
import Training

/// Makes the next batch while the network learns from this one: learning leaves a core idle now and then.
final class BatchesAhead {
    private let make: (_ epoch: Int, _ range: Range<Int>) -> Batch
    /// Examples of an epoch.
    private let examples: Int
    private let queue = DispatchQueue(label: "examples")
    private let isReady = DispatchSemaphore(value: 0)
    private var next: (epoch: Int, first: Int)?
    private nonisolated(unsafe) var batch: Batch?

    init(examples: Int, make: @escaping (_ epoch: Int, _ range: Range<Int>) -> Batch) {
        self.examples = examples
        self.make = make
    }

    deinit { if next != nil { isReady.wait() } }

    /// A batch; the one behind it is begun.
    func callAsFunction(_ epoch: Int, _ range: Range<Int>) -> Batch {
        var current: Batch?
        if let next {
            isReady.wait()
            current = next.epoch == epoch && next.first == range.lowerBound ? batch : nil
        }
        let isLast = range.upperBound + range.count > examples
        let (epochAhead, first) = isLast ? (epoch + 1, 0) : (epoch, range.upperBound)
        next = (epochAhead, first)
        let result = current ?? make(epoch, range)
        nonisolated(unsafe) let this = self
        queue.async {
            this.batch = this.make(epochAhead, first..<first + range.count)
            this.isReady.signal()
        }
        return result
    }
}
