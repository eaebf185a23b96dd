import ModelFormat
import Support

extension Graph {
    /// Throws `Failure` for a file that is missing or damaged, or that says what cannot be written again.
    public init(path: String) throws(Failure) { try self.init(Model(path: path)) }

    /// A copy of everything that `model` holds.
    /// Throws `Failure` for options and features of the format that we don't know.
    public init(_ model: Model) throws(Failure) {
        let root = try model.root()
        let tables = try root.tables(2)
        var graphs: [Graph] = []
        for (i, subgraph) in model.subgraphs.enumerated() {
            let table = try tables.table(i)
            var graph = Graph()
            graph.name = try table.text(4).string
            graph.tensors = subgraph.tensors.map(Tensor.init)
            graph.inputs = subgraph.inputs
            graph.outputs = subgraph.outputs
            let operators = try table.tables(3)
            for (k, op) in subgraph.operators.enumerated() { graph.operators.append(try Operator(op, try operators.table(k), index: k)) }
            graphs.append(graph)
        }
        self = graphs[0]
        called = Array(graphs.dropFirst())
        description = try root.text(3).string
        let buffers = try root.tables(4)
        let entries = try root.tables(6)
        for i in 0..<entries.count {
            let entry = try entries.table(i)
            let buffer = Int(try entry.scalar(1, UInt32(0)))
            guard buffer < buffers.count else { continue }
            metadata.append((try entry.text(0).string, [UInt8](try buffers.table(buffer).vector(0, of: UInt8.self).bytes)))
        }
        let list = try root.tables(7)
        for i in 0..<list.count { if let signature = try Signature(try list.table(i), graphs) { signatures.append(signature) } }
        // What was read above lies in the model's file.
        withExtendedLifetime(model) {}
    }
}

extension Graph.Tensor {
    init(_ tensor: ModelFormat.Tensor) {
        self.init(tensor.name, tensor.shape, tensor.type)
        // Files may have more bytes than the shape needs.
        data = tensor.data.map { [UInt8](tensor.type == .string ? $0[...] : $0[..<tensor.byteCount]) }
        isVariable = tensor.isVariable
        let q = tensor.quantization
        guard q.isPresent else { return }
        quantization = Graph.Quantization(
            scales: (0..<q.scales.count).map { q.scales[$0] },
            zeroPoints: (0..<q.scales.count).map { $0 < q.zeroPoints.count ? Int(q.zeroPoints[$0]) : 0 }, axis: q.axis)
    }
}

extension Graph.Operator {
    init(_ op: ModelFormat.Operator, _ table: Table, index: Int) throws(Failure) {
        self.init(Graph.Code(rawValue: op.code.number), op.inputs, op.outputs)
        version = op.version
        customName = [UInt8](op.code.custom.bytes)
        customOptions = [UInt8](try table.vector(5, of: UInt8.self).bytes)
        guard try table.table(12) == nil else { throw Self.unknown(op, index) }
        guard let table = op.options else { return }
        guard let layout = OptionsLayout.of(code) else { throw Self.unknown(op, index) }
        for (id, field) in layout.fields.enumerated() {
            switch field.kind {
            case .byte: options[field.name] = .integer(Int(try table.scalar(id, Int8(field.missing))))
            case .flag: options[field.name] = .integer(Int(try table.scalar(id, UInt8(field.missing))))
            case .int: options[field.name] = .integer(Int(try table.scalar(id, Int32(field.missing))))
            case .real: options[field.name] = .real(try table.scalar(id, Float(0)))
            case .text: options[field.name] = .text([UInt8](try table.text(id).bytes))
            case .ints:
                let values = try table.vector(id, of: Int32.self)
                options[field.name] = .integers((0..<values.count).map { Int(values[$0]) })
            }
        }
    }

    private static func unknown(_ op: ModelFormat.Operator, _ index: Int) -> Failure {
        Failure(.data, "operator \(index) (\(op.code.name))", "its options are of a kind that cannot be written again", "export the model without it")
    }
}

extension Graph.Signature {
    /// Nil for one whose tensors or graph don't exist.
    fileprivate init?(_ table: Table, _ graphs: [Graph]) throws(Failure) {
        graph = Int(try table.scalar(4, UInt32(0)))
        key = try table.text(2).string
        inputs = []
        outputs = []
        guard graph < graphs.count else { return nil }
        for field in 0..<2 {
            let maps = try table.tables(field)
            for i in 0..<maps.count {
                let map = try maps.table(i)
                let tensor = Int(try map.scalar(1, UInt32(0)))
                guard tensor < graphs[graph].tensors.count else { return nil }
                let entry = (try map.text(0).string, tensor)
                if field == 0 { inputs.append(entry) } else { outputs.append(entry) }
            }
        }
    }
}
