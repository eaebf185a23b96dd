import Support

/// One graph of a model.
public final class Subgraph: Sendable {
    public let tensors: [Tensor]
    public let inputs: [Int]
    public let outputs: [Int]
    public let operators: [Operator]

    init(tensors: [Tensor], inputs: [Int], outputs: [Int], operators: [Operator]) {
        self.tensors = tensors
        self.inputs = inputs
        self.outputs = outputs
        self.operators = operators
    }

    /// The same operators on other tensors, as many.
    public func with(_ tensors: [Tensor]) -> Subgraph {
        Subgraph(tensors: tensors, inputs: inputs, outputs: outputs, operators: operators)
    }
}

/// A `.tflite` file, read in place: tables are checked and listed, tensors' data stays in the file.
public final class Model {
    private let file: MappedFile
    public let subgraphs: [Subgraph]
    /// Bytes of the file.
    public let byteCount: Int

    /// More than any network for a small board has, in all graphs together; planning takes time that grows
    /// with their square.
    public static let maximumOperators = 4096
    public static let maximumTensors = 16384

    /// What `inspect` and errors call the model.
    public let path: String

    /// With `copying`, the file may be replaced or damaged later without harm to the model.
    public convenience init(path: String, copying: Bool = false) throws(Failure) {
        do throws(Failure) {
            try self.init(MappedFile(path, copying: copying), path: path)
        } catch {
            // MappedFile's failures name the path already.
            throw error.status == .data && !error.what.isSame(as: path) ? error.of("\(path)") : error
        }
    }

    public init(_ file: consuming MappedFile, path: String) throws(Failure) {
        let buffer = FlatBuffer(file.bytes)
        guard buffer.count >= 16, try buffer.load(4, as: UInt32.self) == 0x334C_4654 /* "TFL3" */ else {
            throw Failure(.data, "the file", "not a TensorFlow Lite model (no TFL3 mark)", "give a .tflite file")
        }
        let root = try buffer.root()
        let version = try root.scalar(0, UInt32(0))
        guard version == 3 else {
            throw Failure(.data, "the file", "schema version \(version)", "only version 3 is supported: export it again")
        }

        var codes: [(code: OperatorCode, version: Int)] = []
        let codeTables = try root.tables(1)
        for i in 0..<codeTables.count {
            let table = try codeTables.table(i)
            // Codes up to 127 stand in the old byte field, later ones in the new field.
            let number = max(Int32(try table.scalar(0, Int8(0))), try table.scalar(3, Int32(0)))
            let custom = try table.text(1)
            codes.append((OperatorCode(number: number, custom: custom), Int(try table.scalar(2, Int32(1)))))
        }

        let buffers = try root.tables(4)
        let graphs = try root.tables(2)
        guard graphs.count > 0 else {
            throw Failure(.data, "the file", "holds no graph", "the model is damaged: export it again")
        }
        var subgraphs: [Subgraph] = []
        var budget = Budget(buffer)
        var allTensors = 0, allOperators = 0
        for g in 0..<graphs.count {
            let graph = try graphs.table(g)
            let tensorTables = try graph.tables(0)
            let operatorTables = try graph.tables(3)
            allTensors += tensorTables.count
            allOperators += operatorTables.count
            guard allTensors <= Self.maximumTensors, allOperators <= Self.maximumOperators else {
                throw Failure(
                    .data, "the file", "has \(allTensors) tensors and \(allOperators) operators",
                    "at most \(Self.maximumTensors) and \(Self.maximumOperators) are supported: use a smaller model")
            }

            var tensors: [Tensor] = []
            for i in 0..<tensorTables.count {
                tensors.append(try Tensor(try tensorTables.table(i), buffers: buffers, file: buffer, index: i, &budget))
            }
            var operators: [Operator] = []
            for i in 0..<operatorTables.count {
                operators.append(try Operator(try operatorTables.table(i), codes: codes, tensors: tensors.count, index: i, &budget))
            }
            subgraphs.append(
                Subgraph(
                    tensors: tensors,
                    inputs: try Self.ends(try graph.vector(1, of: Int32.self), tensors.count, &budget),
                    outputs: try Self.ends(try graph.vector(2, of: Int32.self), tensors.count, &budget),
                    operators: operators))
        }
        byteCount = buffer.count
        self.subgraphs = subgraphs
        self.path = path
        self.file = file
    }

    /// The file's root table, for programs that read more of it than a board needs. Not to be used longer than the model.
    public func root() throws(Failure) -> Table { try FlatBuffer(file.bytes).root() }

    private static func ends(_ vector: FlatVector<Int32>, _ tensors: Int, _ budget: inout Budget) throws(Failure) -> [Int] {
        try budget.spend(vector.count, at: vector.start)
        var result: [Int] = []
        for i in 0..<vector.count {
            guard vector[i] >= 0, vector[i] < tensors else { throw FlatBuffer.damaged(at: vector.start + 4 * i) }
            result.append(Int(vector[i]))
        }
        return result
    }
}
