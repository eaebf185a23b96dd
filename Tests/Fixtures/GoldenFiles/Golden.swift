import CLinux
import Support

/// Tests/Golden: vectors that its scripts made with other people's engines.
public enum Golden {
    /// The path of the checkout, from that of this file.
    public static let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        .joined(separator: "/")
    public static let folder = checkout + "/Tests/Golden"

    /// Recordings and models beside the checkout: KATYDID_SHARED, else ../shared.
    public static let shared = getenv("KATYDID_SHARED").map { String(cString: $0) } ?? checkout + "/../shared"

    public static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// The wake-word models of PyPI's pymicro-wakeword: KATYDID_WAKE_MODELS, else those that `make wake-models`
    /// brings, else those in .venv.
    public static let wakeModels: String? = {
        if let path = getenv("KATYDID_WAKE_MODELS").map({ String(cString: $0) }), exists(path) { return path }
        if exists(checkout + "/out/wake-models/okay_nabu.json") { return checkout + "/out/wake-models" }
        let lib = checkout + "/.venv/lib"
        guard let directory = opendir(lib) else { return nil }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            let models = "\(lib)/\(name)/site-packages/pymicro_wakeword/models"
            if exists(models) { return models }
        }
        return nil
    }()

    public static func bytes(_ path: String) throws -> [UInt8] {
        let file = try MappedFile(path)
        let bytes = [UInt8](file.bytes)
        // The file is unmapped after its last use, which must not be the line above.
        return file.count == bytes.count ? bytes : []
    }

    /// The words of each line that is not a comment.
    public static func lines(_ path: String) throws -> [[String]] {
        String(decoding: try bytes(path), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: " ").map(String.init) }
    }
}

/// zlib's CRC-32, as Python's f"{crc:08x}".
public enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    }

    public static func of(_ bytes: some Sequence<UInt8>) -> String {
        var state: UInt32 = 0xFFFF_FFFF
        for byte in bytes { state = table[Int((state ^ UInt32(byte)) & 255)] ^ (state >> 8) }
        let digits = String(~state, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
