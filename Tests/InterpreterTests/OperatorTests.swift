import CLinux
import GoldenFiles
import Interpreter
import ModelFormat
import Support
import Testing

/// Every operator and variation, and random graphs of them, against LiteRT: Tests/Golden/operators.
@Suite struct OperatorTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let runs: Int
        var testDescription: String { name }

        func file(_ end: String) -> String { "\(Golden.folder)/operators/\(name).\(end)" }
    }

    static let cases: [Case] = {
        let lines = (try? Golden.lines(Golden.folder + "/operators/index.txt")) ?? []
        return lines.map { Case(name: $0[0], runs: Int($0[1])!) }
    }()

    private func inputs(_ c: Case, _ interpreter: Interpreter) throws -> [[UInt8]] {
        try interpreter.inputs.indices.map { try Golden.bytes(c.file("in\($0)")) }
    }

    private func difference(_ c: Case, _ outputs: [[UInt8]], _ interpreter: Interpreter) throws -> Difference {
        var difference = Difference()
        for (i, output) in outputs.enumerated() {
            difference.add(output, try Golden.bytes(c.file("out\(i)")), interpreter.outputs[i].tensor.type)
        }
        return difference
    }

    @Test(arguments: cases) func agreesWithLiteRT(_ c: Case) throws {
        let interpreter = try Interpreter(Model(path: c.file("tflite")))
        let outputs = interpreter.run(try inputs(c, interpreter), runs: c.runs)
        let difference = try difference(c, outputs, interpreter)
        #expect(difference.elements > 0)
        let isFloat = interpreter.outputs.contains { $0.tensor.type == .float32 }
        // Integers are exact, whatever the operator.
        let limit = isFloat ? 1e-5 * difference.scale : 0
        if getenv("KATYDID_GOLDEN_REPORT") != nil { print("REPORT \(c.name) \(difference)") }
        #expect(difference.largest <= limit, "\(difference)")
    }

    @Test(arguments: cases) func resetIsAsNew(_ c: Case) throws {
        let interpreter = try Interpreter(Model(path: c.file("tflite")))
        let inputs = try inputs(c, interpreter)
        let first = interpreter.run(inputs, runs: c.runs)
        interpreter.reset()
        #expect(interpreter.run(inputs, runs: c.runs) == first)
    }

    @Test func allAreThere() { #expect(Self.cases.count > 400) }
}
