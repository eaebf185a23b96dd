import CTraining

/// One tensor per part of a batch, added up in order at the end.
struct Parts {
    private let tensors: [Tensor]
    private let parts: Int

    init(_ samples: Int, shape: [Int]) {
        parts = Parallel.parts(samples)
        tensors = (0..<parts).map { _ in Tensor(shape, repeating: 0) }
    }

    subscript(part: Int) -> UnsafeMutablePointer<Float> { tensors[part].base }

    func sum(into total: UnsafeMutablePointer<Float>) {
        total.update(from: tensors[0].base, count: tensors[0].count)
        for tensor in tensors.dropFirst() { t_accumulate(tensor.count, tensor.base, total) }
    }
}

extension Variable {
    /// Adds the rows of a tensor up: the gradient of what was added to each.
    func accumulateRows(of dy: Tensor) {
        accumulate { sum in
            let rows = dy.count / count, parts = Parts(rows, shape: [count])
            Parallel.split(rows) { part, range in t_column_sums(range.count, count, dy.base + range.lowerBound * count, parts[part]) }
            parts.sum(into: sum)
        }
    }
}
