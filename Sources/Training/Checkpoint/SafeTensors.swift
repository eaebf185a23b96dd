import Foundation
import Support

/// A `.safetensors` file: named float tensors and a page of text (https://github.com/huggingface/safetensors, "Format").
public struct SafeTensors {
    public var tensors: [(name: String, shape: [Int], values: [Float])] = []
    public var metadata: [String: String] = [:]

    public init() {}

    private struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// Written whole or not at all.
    public func write(to path: String) throws(Failure) {
        var header: [String: Any] = [:]
        var offset = 0
        for (name, shape, values) in tensors {
            header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [offset, offset + values.count * 4]] as [String: Any]
            offset += values.count * 4
        }
        if !metadata.isEmpty { header["__metadata__"] = metadata }
        guard var text = try? JSONSerialization.data(withJSONObject: header, options: [.sortedKeys]) else {
            throw Failure(.software, "\(path)", "its header is not JSON", "report this")
        }
        // Numbers begin at a multiple of 8.
        while text.count % 8 != 0 { text.append(0x20) }
        var bytes = [UInt8](text)
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.insert(contentsOf: $0, at: 0) }
        bytes.reserveCapacity(bytes.count + offset)
        for (_, _, values) in tensors { values.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        // (A typed throw does not pass through an array's own withUnsafeBytes.)
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        defer { whole.deallocate() }
        whole.copyBytes(from: bytes)
        try writeFile(path, [UnsafeRawBufferPointer(whole)])
    }

    public init(path: String) throws(Failure) {
        func broken(_ why: Message) -> Failure { Failure(.data, "\(path)", why, "give a .safetensors file that katydid-forge or PyTorch wrote") }
        let file = try MappedFile(path)
        let bytes = UnsafeRawBufferPointer(start: file.base, count: file.count)
        guard bytes.count >= 8 else { throw broken("too short") }
        let length = bytes.loadUnaligned(as: UInt64.self).littleEndian
        guard length <= UInt64(min(bytes.count - 8, 100 << 20)) else { throw broken("its header is longer than the file") }
        let start = 8 + Int(length)
        guard let root = try? JSONSerialization.jsonObject(with: Data(bytes[8..<start])) as? [String: Any] else { throw broken("its header is not JSON") }
        for (name, value) in root.sorted(by: { $0.key < $1.key }) {
            if name == "__metadata__" {
                metadata = (value as? [String: String]) ?? [:]
                continue
            }
            guard let entry = value as? [String: Any], let type = entry["dtype"] as? String, let shape = entry["shape"] as? [Int],
                let range = entry["data_offsets"] as? [Int], range.count == 2
            else { throw broken("tensor \(name) is not described") }
            guard type == "F32" else { throw broken("tensor \(name) is \(type), not F32") }
            var count = 1
            for d in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: d)
                guard d >= 0, !overflow else { throw broken("tensor \(name) has a shape that cannot be") }
                count = product
            }
            guard range[0] >= 0, range[1] >= range[0], range[1] <= bytes.count - start, count <= bytes.count, range[1] - range[0] == count * 4 else {
                throw broken("tensor \(name) lies outside the file")
            }
            let values = [Float](unsafeUninitializedCapacity: count) { target, filled in
                UnsafeMutableRawBufferPointer(target).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[(start + range[0])..<(start + range[1])]))
                filled = count
            }
            tensors.append((name, shape, values))
        }
    }

    public subscript(name: String) -> (shape: [Int], values: [Float])? {
        tensors.first { $0.name == name }.map { ($0.shape, $0.values) }
    }
}
