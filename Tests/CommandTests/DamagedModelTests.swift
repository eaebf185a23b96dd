import Interpreter
import ModelFormat
import Support
import Testing

/// Damaged models in this process, thousands of them: refused or run, never a crash. Tests/Fuzz goes further.
@Suite struct DamagedModelTests {
    static let models = ["layers", "views", "variables", "moving", "folded"]

    /// The refusal, nil if the model runs.
    private func attempt(_ bytes: [UInt8]) -> Failure? {
        bytes.withUnsafeBytes { buffer -> Failure? in
            do throws(Failure) {
                let interpreter = try Interpreter(try Model(MappedFile(borrowing: buffer), path: "damaged"))
                // A changed dimension can make it larger than a test has time for.
                if interpreter.footprint.arena < 1 << 20 { interpreter.invoke() }
                return nil
            } catch { return error }
        }
    }

    private func expectRefusals(_ name: String, _ damaged: some Sequence<[UInt8]>) {
        for bytes in damaged {
            guard let failure = attempt(bytes) else { continue }
            #expect(failure.status == .data && !failure.why.isEmpty && !failure.remedy.isEmpty, "\(name): \(failure.line)")
        }
    }

    @Test(arguments: models) func sound(name: String) {
        #expect(attempt(contents(seeds + "model/\(name).tflite"))?.line == nil)
    }

    @Test(arguments: models) func flippedBits(name: String) {
        let whole = contents(seeds + "model/\(name).tflite")
        expectRefusals(name, stride(from: 0, to: 8 * whole.count, by: 5).lazy.map { bit in
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            return bytes
        })
    }

    /// Offsets past the end, lengths that are lies, huge and negative dimensions, infinite scales.
    @Test(arguments: models, [0xFFFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0x0001_0000, 0, 0x7F80_0000] as [UInt32])
    func changedWords(name: String, word: UInt32) {
        let whole = contents(seeds + "model/\(name).tflite")
        expectRefusals(name, stride(from: 0, to: whole.count - 3, by: 4).lazy.map { at in
            var bytes = whole
            for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: word >> UInt32(8 * i)) }
            return bytes
        })
    }

    @Test(arguments: models) func cutShort(name: String) {
        let whole = contents(seeds + "model/\(name).tflite")
        expectRefusals(name, stride(from: 16, to: whole.count, by: 4).lazy.map { Array(whole[..<$0]) })
    }

    @Test(arguments: [
        ("calls_main", "calls graph 0"), ("calls_itself", "itself run once"), ("calls_nobody", "calls graph 7"),
        ("twice", "second time"), ("itself", "before it is computed"), ("its_input", "second time"),
        ("two_outputs", "second time"), ("no_input", "missing"), ("nothing_computes", "no operator"),
        ("negative", "dimension of -4"), ("huge", "impossibly large"), ("huge_but_empty", "impossibly large"),
        ("constant_input", "is a constant"), ("arena", "arena of"), ("variable_of_resources", "holds resource"),
    ])
    func refused(model: (name: String, why: String)) {
        let failure = attempt(contents(seeds + "model/refused_\(model.name).tflite"))
        #expect(failure?.status == .data && failure?.line.contains(model.why) == true, "\(failure?.line ?? "it runs")")
    }

    /// What an arena gives is what memory without sharing gives.
    @Test(arguments: models + ["variables_copied"]) func sharingChangesNothing(name: String) throws {
        try contents(seeds + "model/\(name).tflite").withUnsafeBytes { bytes in
            let model = try Model(MappedFile(borrowing: bytes), path: name)
            let pair = [try Interpreter(model), try Interpreter(model, sharing: false)]
            for run in 0..<20 {
                for interpreter in pair {
                    if run == 10 { interpreter.reset() }
                    for port in interpreter.inputs {
                        for k in 0..<port.bytes.count { port.bytes[k] = UInt8(truncatingIfNeeded: (k &+ 3) &* (run &+ 7)) }
                    }
                    interpreter.invoke()
                }
                for (a, b) in zip(pair[0].outputs, pair[1].outputs) { #expect(a.bytes.elementsEqual(b.bytes)) }
            }
        }
    }
}
