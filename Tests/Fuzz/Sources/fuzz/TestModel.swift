import CLinux
import Interpreter
import ModelFormat
import Support

/// Reads and prepares a model. If it is small, it runs three times, forgetting once, and its results
/// must be those that it gives when every tensor has memory of its own.
func testModel(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = mapped(bytes, count) else { return 0 }
    do throws(Failure) {
        let model = try Model(file, path: "fuzz.tflite")
        let planned = try Interpreter(model)
        var macs: UInt64 = 0
        for call in planned.calls { macs = macs.addingReportingOverflow(call.macs).partialValue }
        guard macs <= 1_000_000, planned.footprint.arena <= 4 << 20, planned.calls.count <= 256 else { return 0 }
        let isolated = try Interpreter(model, sharing: false)
        for run in 1...3 {
            fill(planned.inputs, run)
            fill(isolated.inputs, run)
            planned.invoke()
            isolated.invoke()
            for (a, b) in zip(planned.outputs, isolated.outputs) {
                precondition(a.bytes.count == b.bytes.count)
                if a.bytes.count > 0 && memcmp(a.bytes.baseAddress!, b.bytes.baseAddress!, a.bytes.count) != 0 {
                    fatalError("the arena changes a result")
                }
            }
            if run == 2 {
                planned.reset()
                isolated.reset()
            }
        }
    } catch {
        let text = error.line
        precondition(!text.utf8.contains(10))
        if getenv("FUZZ_SAY") != nil { say(text) }
    }
    return 0
}

private func fill(_ ports: [Interpreter.Port], _ seed: Int) {
    for (i, port) in ports.enumerated() {
        for k in 0..<port.bytes.count { port.bytes[k] = UInt8(truncatingIfNeeded: (k + i) &* 37 &+ seed &* 101) }
    }
}

/// What the model is refused for, when one file is looked at with FUZZ_SAY=1.
private func say(_ text: String) {
    var line = Line()
    line.append(text)
    line.flush(to: 2)
}
