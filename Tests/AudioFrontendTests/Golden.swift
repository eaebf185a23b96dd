import CLinux
import Support

/// Tests/Golden/frontend: vectors made by make_frontend_vectors.py.
enum Golden {
    /// The path of the checkout, from that of this file.
    static let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    /// Recordings and models beside the checkout: KATYDID_SHARED, else ../shared.
    static let shared = getenv("KATYDID_SHARED").map { String(cString: $0) } ?? checkout + "/../shared"

    static let hasRecordings = access(shared + "/audio", R_OK) == 0

    static func bytes(_ path: String) throws -> [UInt8] {
        let file = try MappedFile(path)
        return [UInt8](file.bytes)
    }

    /// The words of each line.
    static func lines(_ name: String) throws -> [[String]] {
        String(decoding: try bytes("\(checkout)/Tests/Golden/frontend/\(name)"), as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
    }

    static func numbers<Number: BitwiseCopyable>(_ name: String, as type: Number.Type) throws -> [Number] {
        try numbers(in: bytes("\(checkout)/Tests/Golden/frontend/\(name)")[...], as: type)
    }

    /// Little-endian numbers, one after another.
    static func numbers<Number: BitwiseCopyable>(in bytes: ArraySlice<UInt8>, as type: Number.Type) -> [Number] {
        bytes.withUnsafeBytes { raw in
            stride(from: 0, through: raw.count - MemoryLayout<Number>.size, by: MemoryLayout<Number>.size).map {
                raw.loadUnaligned(fromByteOffset: $0, as: type)
            }
        }
    }
}

/// zlib's CRC-32, over the bytes of numbers as this little-endian machine holds them.
struct CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    }
    private var state: UInt32 = 0xFFFF_FFFF

    mutating func append<Number>(_ numbers: UnsafeBufferPointer<Number>) {
        CRC32.table.withUnsafeBufferPointer { table in
            for byte in UnsafeRawBufferPointer(numbers) {
                state = table[Int((state ^ UInt32(byte)) & 255)] ^ (state >> 8)
            }
        }
    }

    /// As Python's f"{crc:08x}".
    var text: String {
        let digits = String(~state, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    static func of<Number>(_ numbers: [Number]) -> String {
        var crc = CRC32()
        numbers.withUnsafeBufferPointer { crc.append($0) }
        return crc.text
    }
}
