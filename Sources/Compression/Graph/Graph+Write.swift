import ModelFormat
import Support

extension Graph {
    /// Writes the network as a `.tflite` file, whole or not at all.
    public func write(to path: String) throws(Failure) {
        let bytes = try fileBytes()
        let failure: Failure? = bytes.withUnsafeBytes { part in
            do throws(Failure) {
                try writeFile(path, [part])
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// The network as the bytes of a `.tflite` file: schema version 3, identifier TFL3.
    public func fileBytes() throws(Failure) -> [UInt8] {
        try check()
        var buffers = Buffers()
        var codes = OperatorCodes()
        let graphs = ([self] + called).map { $0.table(&buffers, &codes) }

        var root = FlatTable()
        root.set(0, 3)
        root.set(1, .tables(codes.tables))
        root.set(2, .tables(graphs))
        root.set(3, description)
        var metadataTables: [FlatTable] = []
        for entry in metadata {
            var table = FlatTable()
            table.set(0, entry.name)
            table.set(1, buffers.index(of: entry.bytes))
            metadataTables.append(table)
        }
        root.set(4, .tables(buffers.tables))
        if !metadataTables.isEmpty { root.set(6, .tables(metadataTables)) }
        if !signatures.isEmpty { root.set(7, .tables(signatures.map(\.table))) }
        let bytes = FlatBufferWriter.file(root, identifier: "TFL3")
        guard bytes.count < Int(Int32.max) else {
            throw Failure(.data, "the model", "takes \(bytes.count) bytes", "a .tflite file has at most 2 GB: use a smaller network")
        }
        return bytes
    }

    /// Refuses what would be a damaged file.
    private func check() throws(Failure) {
        for graph in [self] + called {
            let range = 0..<graph.tensors.count
            let named = graph.inputs + graph.outputs + graph.operators.flatMap { $0.inputs.filter { $0 != -1 } + $0.outputs }
            if let wrong = named.first(where: { !range.contains($0) }) {
                throw Failure(.software, "graph \(graph.name)", "names tensor \(wrong) of \(range.count)", "report it")
            }
            for tensor in graph.tensors {
                guard let data = tensor.data, tensor.type != .string else { continue }
                guard data.count == tensor.type.bytes(tensor.count) else {
                    throw Failure(
                        .software, "tensor \(tensor.name)", "has \(data.count) bytes, its shape needs \(tensor.type.bytes(tensor.count))", "report it")
                }
            }
        }
    }

    private func table(_ buffers: inout Buffers, _ codes: inout OperatorCodes) -> FlatTable {
        var table = FlatTable()
        table.set(0, .tables(tensors.map { $0.table(&buffers) }))
        table.set(1, .ints(inputs.map(Int32.init)))
        table.set(2, .ints(outputs.map(Int32.init)))
        table.set(3, .tables(operators.map { $0.table(codes.index(of: $0, least: leastVersion($0))) }))
        table.set(4, name)
        return table
    }

    /// Constants, each once however many tensors share it. The first is empty, as the format wants.
    fileprivate struct Buffers {
        var tables = [FlatTable()]
        private var known: [[UInt8]: Int] = [:]

        mutating func index(of bytes: [UInt8]) -> Int {
            if let index = known[bytes] { return index }
            var table = FlatTable()
            table.set(0, .bytes(bytes))
            tables.append(table)
            known[bytes] = tables.count - 1
            return tables.count - 1
        }
    }

    private struct OperatorCodes {
        private struct Key: Hashable {
            let code: Code, version: Int, name: [UInt8]
        }

        var tables: [FlatTable] = []
        private var known: [Key: Int] = [:]

        mutating func index(of op: Operator, least: Int) -> Int {
            let key = Key(code: op.code, version: max(op.version, least), name: op.customName)
            if let index = known[key] { return index }
            var table = FlatTable()
            // Readers from before there were 127 operators look at the byte.
            table.set(byte: 0, min(Int(op.code.rawValue), 127))
            if !op.customName.isEmpty { table.set(1, .text(op.customName)) }
            table.set(2, key.version, missing: 1)
            table.set(3, Int(op.code.rawValue))
            tables.append(table)
            known[key] = tables.count - 1
            return tables.count - 1
        }
    }
}

extension Graph.Tensor {
    fileprivate func table(_ buffers: inout Graph.Buffers) -> FlatTable {
        var table = FlatTable()
        table.set(0, .ints(shape.map(Int32.init)))
        table.set(byte: 1, Int(type.rawValue))
        if let data, !data.isEmpty { table.set(2, buffers.index(of: data)) }
        table.set(3, name)
        if let q = quantization {
            var part = FlatTable()
            part.set(2, .reals(q.scales))
            part.set(3, .longs(q.zeroPoints.map(Int64.init)))
            part.set(6, q.axis)
            table.set(4, .table(part))
        }
        table.set(byte: 5, isVariable ? 1 : 0)
        return table
    }
}

extension Graph.Operator {
    fileprivate func table(_ code: Int) -> FlatTable {
        var table = FlatTable()
        table.set(0, code)
        table.set(1, .ints(inputs.map(Int32.init)))
        table.set(2, .ints(outputs.map(Int32.init)))
        if let layout = OptionsLayout.of(self.code) {
            table.set(byte: 3, Int(layout.union))
            table.set(4, .table(optionsTable(layout)))
        }
        if !customOptions.isEmpty { table.set(5, .bytes(customOptions)) }
        return table
    }

    private func optionsTable(_ layout: OptionsLayout) -> FlatTable {
        var table = FlatTable()
        for (id, field) in layout.fields.enumerated() {
            switch (field.kind, options[field.name]) {
            case (.byte, .integer(let value)?), (.flag, .integer(let value)?): table.set(byte: id, value, missing: field.missing)
            case (.int, .integer(let value)?): table.set(id, value, missing: field.missing)
            case (.real, .real(let value)?): table.set(id, .word(value.bitPattern))
            case (.text, .text(let value)?): table.set(id, .text(value))
            case (.ints, .integers(let value)?): table.set(id, .ints(value.map(Int32.init)))
            default: break
            }
        }
        return table
    }
}

extension Graph.Signature {
    fileprivate var table: FlatTable {
        func maps(_ list: [(name: String, tensor: Int)]) -> FlatTable.Field {
            .tables(
                list.map { entry in
                    var table = FlatTable()
                    table.set(0, entry.name)
                    table.set(1, entry.tensor)
                    return table
                })
        }
        var table = FlatTable()
        table.set(0, maps(inputs))
        table.set(1, maps(outputs))
        table.set(2, key)
        table.set(4, graph)
        return table
    }
}
