import ModelFormat

extension Graph {
    /// Adds a tensor and gives its index.
    mutating func append(_ tensor: Tensor) -> Int {
        tensors.append(tensor)
        return tensors.count - 1
    }

    /// Without tensors that nothing names, in the same order.
    func compacted() -> Graph {
        var isUsed = [Bool](repeating: false, count: tensors.count)
        for t in inputs + outputs + operators.flatMap({ $0.inputs.filter { $0 >= 0 } + $0.outputs }) { isUsed[t] = true }
        for signature in signatures where signature.graph == 0 { for (_, t) in signature.inputs + signature.outputs { isUsed[t] = true } }
        var index = [Int](repeating: -1, count: tensors.count)
        var result = self
        result.tensors = []
        for t in tensors.indices where isUsed[t] { index[t] = result.append(tensors[t]) }
        func moved(_ list: [Int]) -> [Int] { list.map { $0 < 0 ? $0 : index[$0] } }
        result.inputs = moved(inputs)
        result.outputs = moved(outputs)
        for i in operators.indices {
            result.operators[i].inputs = moved(operators[i].inputs)
            result.operators[i].outputs = moved(operators[i].outputs)
        }
        for i in signatures.indices where signatures[i].graph == 0 {
            result.signatures[i].inputs = signatures[i].inputs.map { ($0.name, index[$0.tensor]) }
            result.signatures[i].outputs = signatures[i].outputs.map { ($0.name, index[$0.tensor]) }
        }
        return result
    }
}
