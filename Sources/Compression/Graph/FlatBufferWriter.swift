/// A FlatBuffer's table before it is written (https://flatbuffers.dev/internals): fields by their number.
struct FlatTable: Hashable {
    indirect enum Field: Hashable {
        case byte(UInt8)
        case word(UInt32)
        case text([UInt8])
        case bytes([UInt8])
        case ints([Int32])
        case longs([Int64])
        case reals([Float])
        case table(FlatTable)
        case tables([FlatTable])

        var isByte: Bool { if case .byte = self { true } else { false } }

        /// Whether it points nowhere and says what many say: shapes, zero points, an operator's options.
        var isCommon: Bool {
            switch self {
            case .ints, .longs: true
            case .table(let table): table.fields.allSatisfy { if case .word = $0.value { true } else { $0.value.isByte } }
            default: false
            }
        }
    }

    struct Entry: Hashable {
        let id: Int, value: Field
    }

    private(set) var fields: [Entry] = []

    mutating func set(_ id: Int, _ value: Field) { fields.append(Entry(id: id, value: value)) }

    /// An int that is left out where it has its default.
    mutating func set(_ id: Int, _ value: Int, missing: Int = 0) {
        if value != missing { set(id, .word(UInt32(truncatingIfNeeded: value))) }
    }

    mutating func set(byte id: Int, _ value: Int, missing: Int = 0) {
        if value != missing { set(id, .byte(UInt8(truncatingIfNeeded: value))) }
    }

    mutating func set(_ id: Int, _ text: String) { if !text.isEmpty { set(id, .text(Array(text.utf8))) } }
}

/// Writes forward: a table, then what it points to, so that every offset is positive as the format wants. Equal vtables are
/// written once, and so is what is common, behind everything: the zero points of each layer's weights and biases alone, all zeros,
/// were a third of a small network's file.
struct FlatBufferWriter {
    private(set) var bytes: [UInt8] = []
    private var vtables: [[UInt16]: Int] = [:]
    /// What is common and still to be written, in the order in which it came up, and who points there.
    private var shared: [(value: FlatTable.Field, places: [Int])] = []
    private var known: [FlatTable.Field: Int] = [:]

    /// A whole file of `root`.
    static func file(_ root: FlatTable, identifier: StaticString) -> [UInt8] {
        var writer = FlatBufferWriter()
        writer.put(UInt32(0))
        for i in 0..<4 { writer.bytes.append(identifier.utf8Start[i]) }
        writer.point(0, to: writer.write(root))
        for (value, places) in writer.shared {
            let start = writer.write(value)
            for place in places { writer.point(place, to: start) }
        }
        return writer.bytes
    }

    private mutating func put<T: FixedWidthInteger>(_ value: T) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }

    /// Pads so that what follows `header` more bytes stands at a multiple of `alignment`.
    private mutating func align(_ alignment: Int, header: Int = 0) {
        while (bytes.count + header) % alignment != 0 { bytes.append(0) }
    }

    private mutating func point(_ place: Int, to target: Int) {
        let offset = UInt32(target - place)
        for i in 0..<4 { bytes[place + i] = UInt8(truncatingIfNeeded: offset >> (8 * UInt32(i))) }
    }

    private mutating func write(_ table: FlatTable) -> Int {
        // Words first: nothing needs padding between them.
        let ordered = table.fields.filter { !$0.value.isByte } + table.fields.filter { $0.value.isByte }
        var entries = [UInt16](repeating: 0, count: 2 + (table.fields.map { $0.id + 1 }.max() ?? 0))
        var size = 4
        for field in ordered {
            entries[2 + field.id] = UInt16(size)
            size += field.value.isByte ? 1 : 4
        }
        entries[0] = UInt16(2 * entries.count)
        entries[1] = UInt16(size)
        align(4)
        let vtable: Int
        if let known = vtables[entries] {
            vtable = known
        } else {
            vtable = bytes.count
            vtables[entries] = vtable
            for entry in entries { put(entry) }
            align(4)
        }

        let start = bytes.count
        put(Int32(start - vtable))
        var pending: [(place: Int, value: FlatTable.Field)] = []
        for field in ordered {
            switch field.value {
            case .byte(let value): bytes.append(value)
            case .word(let value): put(value)
            default:
                pending.append((bytes.count, field.value))
                put(UInt32(0))
            }
        }
        for (place, value) in pending {
            if value.isCommon { share(value, at: place) } else { point(place, to: write(value)) }
        }
        return start
    }

    private mutating func write(_ value: FlatTable.Field) -> Int {
        switch value {
        case .table(let table): return write(table)
        case .tables(let tables):
            let start = vector(tables.count, alignment: 4)
            for _ in tables { put(UInt32(0)) }
            for (i, table) in tables.enumerated() { point(start + 4 + 4 * i, to: write(table)) }
            return start
        case .text(let text):
            let start = vector(text.count, alignment: 4)
            bytes += text
            bytes.append(0)
            return start
        case .bytes(let data):
            // Constants are read in place, by kernels that like them aligned.
            let start = vector(data.count, alignment: 16)
            bytes += data
            return start
        case .ints(let values): return vector(values, alignment: 4)
        case .longs(let values): return vector(values, alignment: 8)
        case .reals(let values): return vector(values.map(\.bitPattern), alignment: 4)
        case .byte, .word: fatalError("stands in its table")
        }
    }

    private mutating func share(_ value: FlatTable.Field, at place: Int) {
        if let index = known[value] { return shared[index].places.append(place) }
        known[value] = shared.count
        shared.append((value, [place]))
    }

    private mutating func vector<T: FixedWidthInteger>(_ values: [T], alignment: Int) -> Int {
        let start = vector(values.count, alignment: alignment)
        for value in values { put(value) }
        return start
    }

    /// Begins a vector whose elements are aligned; gives where its count stands.
    private mutating func vector(_ count: Int, alignment: Int) -> Int {
        align(alignment, header: 4)
        put(UInt32(count))
        return bytes.count - 4
    }
}
