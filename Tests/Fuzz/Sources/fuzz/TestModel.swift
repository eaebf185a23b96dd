import CLinux
import Interpreter
import ModelFormat
import Support

/// Reads, prepares and, if it is small, runs a model twice, the second time after forgetting.
func testModel(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = mapped(bytes, count) else { return 0 }
    do throws(Failure) {
        let interpreter = try Interpreter(try Model(file, path: "fuzz.tflite"))
        var macs: UInt64 = 0
        for call in interpreter.calls { macs = macs.addingReportingOverflow(call.macs).partialValue }
        guard macs <= 1_000_000, interpreter.footprint.arena <= 4 << 20, interpreter.calls.count <= 256 else { return 0 }
        for seed in 1...2 {
            for (i, port) in interpreter.inputs.enumerated() {
                for k in 0..<port.bytes.count { port.bytes[k] = UInt8(truncatingIfNeeded: (k + i) &* 37 &+ seed &* 101) }
            }
            interpreter.invoke()
            var sum: UInt8 = 0
            for port in interpreter.outputs { for byte in port.bytes { sum &+= byte } }
            if seed == 1 { interpreter.reset() }
        }
    } catch { if getenv("FUZZ_SAY") != nil { printLine(error.line) } }
    return 0
}

func printLine(_ text: String) {
    var line = Line()
    line.append(text)
    line.flush(to: 2)
}
