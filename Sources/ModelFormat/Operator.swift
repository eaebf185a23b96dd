import Support

/// An operator of a subgraph as the file describes it.
public final class Operator: Sendable {
    public let code: OperatorCode
    public let version: Int
    /// Tensor indices; −1 for an optional input that is left out. Checked to be within the subgraph.
    public let inputs: [Int]
    public let outputs: [Int]
    /// The table of the operator's builtin options, if the file has one.
    public let options: Table?

    init(_ table: Table, codes: [(code: OperatorCode, version: Int)], tensors: Int, index: Int, _ budget: inout Budget) throws(Failure) {
        let opcode = Int(try table.scalar(0, UInt32(0)))
        guard opcode < codes.count else {
            throw Failure(.data, "operator \(index)", "has no operator code", "the model is damaged: export it again")
        }
        code = codes[opcode].code
        version = codes[opcode].version
        inputs = try Self.indices(try table.vector(1, of: Int32.self), tensors, index, optional: true, &budget)
        outputs = try Self.indices(try table.vector(2, of: Int32.self), tensors, index, optional: false, &budget)
        options = try table.table(4)
    }

    private static func indices(
        _ vector: FlatVector<Int32>, _ tensors: Int, _ index: Int, optional: Bool, _ budget: inout Budget
    ) throws(Failure) -> [Int] {
        try budget.spend(vector.count, at: vector.start)
        var result: [Int] = []
        for i in 0..<vector.count {
            let t = Int(vector[i])
            guard t >= (optional ? -1 : 0), t < tensors else {
                throw Failure(.data, "operator \(index)", "tensor \(t) does not exist", "the model is damaged: export it again")
            }
            result.append(t)
        }
        return result
    }

    /// A 32-bit field of the options, or its default.
    public func option(_ id: Int, _ missing: Int32 = 0) throws(Failure) -> Int {
        guard let options else { return Int(missing) }
        return Int(try options.scalar(id, missing))
    }

    /// An 8-bit enumeration of the options (padding, activation), or its default.
    public func choice(_ id: Int, _ missing: Int8 = 0) throws(Failure) -> Int {
        guard let options else { return Int(missing) }
        return Int(try options.scalar(id, missing))
    }

    public func real(_ id: Int, _ missing: Float) throws(Failure) -> Float {
        guard let options else { return missing }
        return try options.scalar(id, missing)
    }

    public func flag(_ id: Int) throws(Failure) -> Bool {
        guard let options else { return false }
        return try options.flag(id)
    }
}
