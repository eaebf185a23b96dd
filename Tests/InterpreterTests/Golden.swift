import CLinux
import Interpreter
import ModelFormat
import Support

/// Tests/Golden: vectors made by make_golden.py.
enum Golden {
    /// The path of the checkout, from that of this file.
    static let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")
    static let folder = checkout + "/Tests/Golden"

    /// Recordings and models beside the checkout: KATYDID_SHARED, else ../shared.
    static let shared = getenv("KATYDID_SHARED").map { String(cString: $0) } ?? checkout + "/../shared"

    static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// The wake-word models of PyPI's pymicro-wakeword: KATYDID_WAKE_MODELS, else those in .venv.
    static let wakeModels: String? = {
        if let path = getenv("KATYDID_WAKE_MODELS") { return String(cString: path) }
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

    static func bytes(_ path: String) throws -> [UInt8] {
        let file = try MappedFile(path)
        let bytes = [UInt8](file.bytes)
        // The file is unmapped after its last use, which must not be the line above.
        return file.count == bytes.count ? bytes : []
    }

    /// The words of each line that is not a comment.
    static func lines(_ path: String) throws -> [[String]] {
        String(decoding: try bytes(path), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: " ").map(String.init) }
    }
}

extension Interpreter {
    /// Runs the model on inputs that stand one behind the other; gives the outputs likewise.
    func run(_ inputs: [[UInt8]], runs: Int) -> [[UInt8]] {
        var results = [[UInt8]](repeating: [], count: outputs.count)
        for run in 0..<runs {
            for (port, input) in zip(self.inputs, inputs) {
                let size = port.bytes.count
                port.bytes.copyBytes(from: input[run * size..<(run + 1) * size])
            }
            invoke()
            for (i, port) in outputs.enumerated() { results[i] += UnsafeRawBufferPointer(port.bytes) }
        }
        return results
    }
}

/// How outputs differ from what is expected.
struct Difference: CustomStringConvertible {
    var elements = 0
    /// Elements that differ, by how many units at most.
    var different = 0
    var largest = 0.0
    /// The largest |expected|: what float differences are relative to.
    var scale = 0.0

    var description: String { "\(different) of \(elements) differ, by up to \(largest)\(scale > 0 ? " of \(scale)" : "")" }

    mutating func add(_ actual: [UInt8], _ expected: [UInt8], _ type: ElementType) {
        let size = type.bytes(1)
        guard actual.count == expected.count, size > 0 else {
            different = .max
            return
        }
        func value(_ bytes: UnsafeRawBufferPointer, _ i: Int) -> Double {
            switch type {
            case .float32: Double(bytes.loadUnaligned(fromByteOffset: 4 * i, as: Float.self))
            case .int8: Double(bytes.loadUnaligned(fromByteOffset: i, as: Int8.self))
            case .int16: Double(bytes.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self))
            case .int32: Double(bytes.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
            case .int64: Double(bytes.loadUnaligned(fromByteOffset: 8 * i, as: Int64.self))
            default: Double(bytes[i])
            }
        }
        actual.withUnsafeBytes { actual in
            expected.withUnsafeBytes { expected in
                for i in 0..<expected.count / size {
                    let a = value(actual, i), e = value(expected, i)
                    elements += 1
                    // NaN differs from everything here: no expected output holds one.
                    if a != e {
                        different += 1
                        largest = max(largest, a.isNaN ? .infinity : abs(a - e))
                    }
                    if type == .float32 { scale = max(scale, abs(e)) }
                }
            }
        }
    }
}
