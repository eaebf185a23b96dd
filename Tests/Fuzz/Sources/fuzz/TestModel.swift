import CLinux
import Interpreter
import ModelFormat
import Support

/// Reads and prepares a model. If it is small, it runs three times, forgetting once, and its results
/// must be those that it gives when every tensor has memory of its own, and when it uses again what it
/// computed of the window before.
func testModel(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = mapped(bytes, count) else { return 0 }
    do throws(Failure) {
        let model = try Model(file, path: "fuzz.tflite")
        let planned = try Interpreter(model)
        var macs: UInt64 = 0
        for call in planned.calls { macs = macs.addingReportingOverflow(call.macs).partialValue }
        guard macs <= 1_000_000, planned.footprint.arena <= 4 << 20, planned.calls.count <= 256 else { return 0 }
        let others = [try Interpreter(model, sharing: false), try Interpreter(model, hop: 1)]
        for run in 1...3 {
            fill(planned.inputs, run)
            planned.invoke()
            for other in others {
                fill(other.inputs, run)
                other.invokeNext()
                for (a, b) in zip(planned.outputs, other.outputs) {
                    precondition(a.bytes.count == b.bytes.count)
                    if a.bytes.count > 0 && memcmp(a.bytes.baseAddress!, b.bytes.baseAddress!, a.bytes.count) != 0 {
                        fatalError("the arena, or what is used again, changes a result")
                    }
                }
            }
            if run == 2 { for interpreter in others + [planned] { interpreter.reset() } }
        }
    } catch {
        let text = error.line
        precondition(!text.utf8.contains(10))
        if getenv("FUZZ_SAY") != nil { say(text) }
    }
    return 0
}

/// Windows that move on by a row from run to run.
private func fill(_ ports: [Interpreter.Port], _ run: Int) {
    for (i, port) in ports.enumerated() {
        let row = port.bytes.count / max(port.tensor.rows, 1)
        for k in 0..<port.bytes.count { port.bytes[k] = UInt8(truncatingIfNeeded: (k + i + run * row) &* 37 &+ (k + run * row) / 7) }
    }
}

/// What the model is refused for, when one file is looked at with FUZZ_SAY=1.
private func say(_ text: String) {
    var line = Line()
    line.append(text)
    line.flush(to: 2)
}
