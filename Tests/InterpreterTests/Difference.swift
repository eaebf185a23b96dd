import Interpreter
import ModelFormat

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
