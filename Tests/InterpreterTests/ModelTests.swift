import CLinux
import GoldenFiles
import Interpreter
import ModelFormat
import Support
import Testing

/// Whole models against LiteRT with XNNPACK: Tests/Golden/models. The models themselves stand beside the
/// checkout, or in PyPI's pymicro-wakeword.
@Suite struct ModelTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let path: String
        let runs: Int
        let source: String
        var testDescription: String { name }

        func file(_ end: String) -> String { "\(Golden.folder)/models/\(name).\(end)" }
    }

    private static let all: [Case] = {
        let lines = (try? Golden.lines(Golden.folder + "/models/index.txt")) ?? []
        return lines.map {
            let isWake = $0[1].hasPrefix("wake/")
            let path = isWake ? (Golden.wakeModels ?? "") + $0[1].dropFirst(4) : "\(Golden.shared)/models/\($0[1])"
            return Case(name: $0[0], path: path, runs: Int($0[2])!, source: $0[3])
        }
    }()
    static let there = all.filter { Golden.exists($0.path) }

    @Test func theListIsWhole() { #expect(Self.all.count == 23) }

    @Test(.enabled(if: there.contains { $0.path.hasPrefix(Golden.shared) }, "no shared models; set KATYDID_SHARED"))
    func sharedModelsAreThere() { #expect(Self.there.count { $0.path.hasPrefix(Golden.shared) } == 15) }

    @Test(.enabled(if: Golden.wakeModels != nil, "no wake-word models; run make wake-models or set KATYDID_WAKE_MODELS"))
    func wakeModelsAreThere() { #expect(Self.there.count { !$0.path.hasPrefix(Golden.shared) } == 8) }

    @Test(.enabled(if: !there.isEmpty, "no models; set KATYDID_SHARED or KATYDID_WAKE_MODELS"), arguments: there)
    func agreesWithLiteRT(_ c: Case) throws {
        let interpreter = try Interpreter(Model(path: c.path))
        let outputs = interpreter.run(try inputs(c, interpreter), runs: c.runs)[0]
        guard !Golden.exists(c.file("crc")) else {
            let expected = try Golden.lines(c.file("crc")).map { $0[0] }
            let size = outputs.count / c.runs
            let actual = (0..<c.runs).map { CRC32.of(outputs[$0 * size..<($0 + 1) * size]) }
            #expect(actual == expected)
            return
        }
        var difference = Difference()
        let type = interpreter.outputs[0].tensor.type
        difference.add(outputs, try Golden.bytes(c.file("out0")), type)
        #expect(difference.elements >= c.runs)
        #expect(difference.largest <= (type == .float32 ? 1e-5 * difference.scale : 0), "\(difference)")
        if getenv("KATYDID_GOLDEN_REPORT") != nil { print("REPORT \(c.name) \(difference)") }
    }

    /// The inputs of all runs, one behind the other.
    private func inputs(_ c: Case, _ interpreter: Interpreter) throws -> [[UInt8]] {
        if c.source == "file" { return [try Golden.bytes(c.file("in0"))] }
        if c.source == "features" {
            // Six times the same speech, each time cut into strides one frame later.
            let features = try Golden.bytes(Golden.folder + "/models/wake.features")
            let stride = interpreter.inputs[0].bytes.count
            return [(0..<6).flatMap { features[($0 * 40)...].prefix((features.count - $0 * 40) / stride * stride) }]
        }
        if c.source == "seconds" { return [try seconds()] }
        // As `katydid run --random 1`: a linear congruential generator, high 24 bits.
        var state: UInt32 = 1
        let tensor = interpreter.inputs[0].tensor
        var bytes: [UInt8] = []
        for _ in 0..<c.runs * tensor.count {
            state = state &* 1_664_525 &+ 1_013_904_223
            if tensor.type == .float32 {
                withUnsafeBytes(of: Float(state >> 8 & 0xFFFF) / 65536) { bytes += $0 }
            } else {
                bytes.append(UInt8(state >> 8 & 255))
            }
        }
        return [bytes]
    }

    /// Recorded speech, float32 [16000] a second, half a second apart.
    private func seconds() throws -> [UInt8] {
        var bytes: [UInt8] = []
        for word in ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"] {
            for take in 1...2 {
                let wav = try Golden.bytes("\(Golden.shared)/audio/wake/\(word)/\(take).wav")
                let samples = wav.withUnsafeBytes { wav in
                    (0..<(wav.count - 44) / 2).map { Float(wav.loadUnaligned(fromByteOffset: 44 + 2 * $0, as: Int16.self)) }
                }
                for at in stride(from: 0, through: samples.count - 16000, by: 8000) {
                    (samples[at..<at + 16000].map { $0 * (0.7 / 32768) } as [Float]).withUnsafeBytes { bytes += $0 }
                }
            }
        }
        return bytes
    }

    /// Interpreters share nothing: a teacher may run in each thread.
    @Test(.enabled(if: there.contains { $0.name == "kwt1" }, "no kwt1.tflite; set KATYDID_SHARED"))
    func twoThreadsDoNotDisturbEachOther() async throws {
        let c = Self.there.first { $0.name == "kwt1" }!
        let inputs = try seconds(), runs = 8, model = try Model(path: c.path)
        let alone = try Interpreter(model).run([inputs], runs: runs)
        try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<2 { group.addTask { try Interpreter(Model(path: c.path)).run([inputs], runs: runs) } }
            for try await outputs in group { #expect(outputs == alone) }
        }
    }

    @Test(.enabled(if: !there.isEmpty, "no models; set KATYDID_SHARED or KATYDID_WAKE_MODELS"), arguments: there)
    func resetIsAsNew(_ c: Case) throws {
        let interpreter = try Interpreter(Model(path: c.path))
        let inputs = try inputs(c, interpreter), runs = min(c.runs, 50)
        let first = interpreter.run(inputs, runs: runs)
        interpreter.reset()
        #expect(interpreter.run(inputs, runs: runs) == first)
    }

    /// Bytes of TFLite Micro's arena (tflite-micro of PyPI), which holds its plan, too.
    private static let rival = [
        "kws_ref_model": 24272, "resnet_int8": 55984, "ad01_int8": 3984, "okay_nabu": 25904, "hey_jarvis": 19808,
        "micro_speech": 7584,
    ]

    @Test(
        .enabled(if: there.contains { rival[$0.name] != nil }, "no models; set KATYDID_SHARED or KATYDID_WAKE_MODELS"),
        arguments: there.filter { rival[$0.name] != nil })
    func takesNoMoreMemoryThanTheRival(_ c: Case) throws {
        let footprint = try Interpreter(Model(path: c.path)).footprint
        let bytes = footprint.arena + footprint.plan
        if getenv("KATYDID_GOLDEN_REPORT") != nil { print("REPORT \(c.name) arena \(footprint.arena) plan \(footprint.plan)") }
        #expect(bytes <= Self.rival[c.name]!)
        #expect(footprint.arena > 0 && footprint.persistent <= footprint.arena)
    }
}
