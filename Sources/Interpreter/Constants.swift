import ModelFormat

/// What is known of a subgraph's tensors before it runs: constants of the file, and results of
/// operators whose inputs are all constant, which `prepare` computes once.
final class Constants {
    private var values: [UnsafeRawPointer?]
    private var folded: [Bool]

    init(_ tensors: [Tensor]) {
        values = []
        for tensor in tensors { values.append(tensor.data?.baseAddress) }
        folded = [Bool](repeating: false, count: tensors.count)
    }

    subscript(tensor: Int) -> UnsafeRawPointer? { values[tensor] }

    /// Whether the value exists only while preparing, not in the file.
    func isFolded(_ tensor: Int) -> Bool { folded[tensor] }

    func fold(_ tensor: Int, _ value: UnsafeRawPointer) {
        values[tensor] = value
        folded[tensor] = true
    }
}
