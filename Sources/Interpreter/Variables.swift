import ModelFormat
import Support

/// The resource variables of a model: streaming models keep their history in them. Both the main graph
/// and the graph that initialises them name them by container and shared name.
struct Variables {
    private var keys: [[UInt8]] = []
    /// Bytes of each variable; 0 until a read or an assignment tells.
    private(set) var bytes: [Int] = []
    /// Where each stands, once the main graph's memory is planned.
    var addresses: [UnsafeMutableRawPointer] = []

    var count: Int { keys.count }

    /// The variable of a VAR_HANDLE.
    /// Throws `Failure` for more variables than any model has: each is looked for in a list.
    mutating func find(_ node: Node) throws(Failure) -> Int {
        var key: [UInt8] = []
        if let options = node.op.options {
            for field in 0..<2 {
                let text = try options.text(field)
                for i in 0..<text.count { key.append(text[i]) }
                key.append(0)
            }
        }
        for (i, known) in keys.enumerated() where known == key { return i }
        guard keys.count < 256 else { throw node.refuse("is the 257th variable", "at most 256 are supported") }
        keys.append(key)
        bytes.append(0)
        return keys.count - 1
    }

    mutating func agree(_ v: Int, on tensor: Tensor, _ node: Node) throws(Failure) {
        guard tensor.type.bytes(1) > 0 else { throw node.damaged("a variable holds \(tensor.type.name)") }
        let size = tensor.byteCount
        if bytes[v] == 0 { bytes[v] = size }
        guard bytes[v] == size else {
            throw node.damaged("a variable of \(bytes[v]) bytes is used as \(size)")
        }
    }
}

/// How one graph uses the variables.
struct VariableUses {
    /// Bytes of each variable.
    var bytes: [Int]
    /// Whether its reads look at the variable's own memory instead of a copy.
    var readsInPlace: [Bool]
    /// The tensor of its only read.
    var readTensor: [Int]
    var isAssigned: [Bool]
    /// For each node: the variable that it reads or assigns, −1 for none.
    var read: [Int]
    var assigned: [Int]

    /// Follows handles from VAR_HANDLE to their uses. `inPlace`: whether reads may look at variables where they stand.
    init(_ nodes: [Node], tensors: Int, inPlace: Bool, _ variables: inout Variables) throws(Failure) {
        var handles = [Int](repeating: -1, count: tensors)
        read = [Int](repeating: -1, count: nodes.count)
        assigned = read
        for node in nodes {
            switch node.op.code.number {
            case OperatorDefinition.varHandle.code:
                handles[try node.outputIndex(0)] = try variables.find(node)
            case OperatorDefinition.readVariable.code, OperatorDefinition.assignVariable.code:
                let v = handles[try node.inputIndex(0)]
                guard v >= 0 else { throw node.damaged("uses a variable without a handle") }
                if node.op.code.number == OperatorDefinition.readVariable.code {
                    try variables.agree(v, on: try node.output(), node)
                    read[node.index] = v
                } else {
                    try variables.agree(v, on: try node.input(1), node)
                    assigned[node.index] = v
                }
            default: break
            }
        }

        bytes = variables.bytes
        readsInPlace = [Bool](repeating: inPlace, count: bytes.count)
        isAssigned = [Bool](repeating: false, count: bytes.count)
        readTensor = [Int](repeating: -1, count: bytes.count)
        for node in nodes {
            if read[node.index] >= 0 {
                let v = read[node.index]
                if readTensor[v] >= 0 || isAssigned[v] { readsInPlace[v] = false }
                readTensor[v] = node.op.outputs[0]
            }
            if assigned[node.index] >= 0 {
                let v = assigned[node.index]
                if isAssigned[v] { readsInPlace[v] = false }
                isAssigned[v] = true
            }
        }
        for v in 0..<bytes.count where readTensor[v] < 0 { readsInPlace[v] = false }
    }

    /// The variables that are read in place and must not be.
    func unsafe(_ storage: Storage, _ nodes: [Node]) -> [Int] {
        var result: [Int] = []
        for v in 0..<bytes.count where storage.isUnsafe(v, nodes, self) { result.append(v) }
        return result
    }
}
