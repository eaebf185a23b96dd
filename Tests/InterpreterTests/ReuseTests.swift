import CKernels
import GoldenFiles
import Interpreter
import ModelFormat
import Testing

/// A window that moves on: what is reused must be what would have been computed.
@Suite struct ReuseTests {
    private static func shipped(_ name: String) -> String { "\(Golden.checkout)/Firmware/models/\(name).tflite" }
    private static let hops = [1, 2, 3, 4, 6, 10]

    /// Runs a model over windows of random rows, `hop` apart, beside one that knows of no window before: how many windows there were,
    /// and how many of them had other outputs. 0 where the model has no such window.
    private func listen(_ path: String, hop: Int, sharing: Bool = true, runs: Int = 6) throws -> (windows: Int, others: Int) {
        let model = try Model(path: path)
        let next = try Interpreter(model, sharing: sharing, hop: hop), whole = try Interpreter(model)
        guard next.inputs.count == 1, hop < next.inputs[0].tensor.rows else { return (0, 0) }
        let bytes = next.inputs[0].tensor.byteCount, row = bytes / next.inputs[0].tensor.rows
        var state: UInt64 = 88_172_645_463_325_252
        // Floats whose bytes are random are mostly huge: small integers as floats are not.
        let isFloat = next.inputs[0].tensor.type == .float32
        let sound: [UInt8] = (0..<(bytes + runs * hop * row)).map {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return isFloat ? ($0 % 4 == 3 ? 0x3f : UInt8(truncatingIfNeeded: state >> 32) & 0x7f) : UInt8(truncatingIfNeeded: state >> 32)
        }
        var others = 0
        for run in 0..<runs {
            let window = sound[run * hop * row..<run * hop * row + bytes]
            for interpreter in [next, whole] { interpreter.inputs[0].bytes.copyBytes(from: window) }
            next.invokeNext()
            whole.invoke()
            if next.outputs.map({ [UInt8]($0.bytes) }) != whole.outputs.map({ [UInt8]($0.bytes) }) { others += 1 }
        }
        return (runs, others)
    }

    /// Every operator and random graphs of them, whatever their first dimension means.
    @Test(arguments: OperatorTests.cases) func changesNoOperator(_ c: OperatorTests.Case) throws {
        for hop in Self.hops {
            #expect(try listen(c.file("tflite"), hop: hop).others == 0, "hop \(hop)")
        }
    }

    @Test(arguments: ["commands", "commands-tiny"].map(shipped) + ModelTests.there.filter { $0.path.hasPrefix(Golden.shared) }.map(\.path))
    func changesNoModel(_ path: String) throws {
        for hop in [2, 6] {
            #expect(try listen(path, hop: hop, runs: 4).others == 0, "hop \(hop)")
        }
    }

    /// With memory that nothing shares, and guards between.
    @Test func sharesNoMoreThanItMay() throws {
        #expect(try listen(Self.shipped("commands"), hop: 6, sharing: false) == (6, 0))
    }

    /// Both ends are computed with the weights that the whole is computed with.
    @Test(arguments: ["commands", "commands-tiny"].map(shipped)) func packsNothingTwice(_ path: String) throws {
        let model = try Model(path: path)
        #if arch(x86_64)
        let features = [0, K_CPU_AVX2]
        #else
        let features = [0, Int(k_cpu_features())]
        #endif
        for cpu in features {
            let next = try Interpreter(model, cpu: UInt32(cpu), hop: 6).footprint, whole = try Interpreter(model, cpu: UInt32(cpu)).footprint
            #expect(next.weights == whole.weights)
            #expect(next.persistent > 0 && whole.persistent == 0)
        }
    }

    /// A reset forgets the last window: any other may follow.
    @Test func aResetForgets() throws {
        let model = try Model(path: Self.shipped("commands-tiny"))
        let next = try Interpreter(model, hop: 4), whole = try Interpreter(model)
        for value: Int8 in [-100, 100] {
            for interpreter in [next, whole] { interpreter.inputs[0].bytes.withMemoryRebound(to: Int8.self) { $0.update(repeating: value) } }
            next.reset()
            next.invokeNext()
            whole.invoke()
            #expect([UInt8](next.outputs[0].bytes) == [UInt8](whole.outputs[0].bytes))
        }
    }
}
