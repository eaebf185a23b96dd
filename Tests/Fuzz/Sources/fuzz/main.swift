import AudioCapture
import CLinux
import Interpreter
import KeywordSpotting
import ModelFormat
import Support
import Wyoming

// usage: fuzz-TARGET [libFuzzer's options and corpora]; run.sh is what people call.

/// libFuzzer's own main would want one function in one program: by this entry a program holds several.
@_extern(c, "LLVMFuzzerRunDriver")
func LLVMFuzzerRunDriver(
    _ argc: UnsafeMutablePointer<Int32>, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The bytes of a test, as a file. libFuzzer allocates them: ASan sees every byte too far.
func mapped(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> MappedFile? {
    guard let bytes, count > 0 else { return nil }
    return MappedFile(borrowing: UnsafeRawBufferPointer(start: bytes, count: count))
}

func wav(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = mapped(bytes, count) else { return 0 }
    do throws(Failure) {
        var source = try WavSource(file, name: "fuzz.wav")
        let room = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 256)
        defer { room.deallocate() }
        while try source.read(into: room) > 0 {}
    } catch { _ = error.line }
    return 0
}

func manifest(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = mapped(bytes, count) else { return 0 }
    do throws(Failure) {
        let manifest = try Manifest(file, path: "words/fuzz.json")
        precondition(manifest.window >= 1 && manifest.stepMilliseconds >= 1 && manifest.hop ?? 1 >= 1 && !manifest.modelPath.isEmpty)
        precondition(!manifest.words.isEmpty)
        for word in manifest.words { precondition((0...1).contains(word.cutoff) && (0..<manifest.outputs).contains(word.output)) }
    } catch { _ = error.line }
    return 0
}

func npy(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = mapped(bytes, count) else { return 0 }
    do throws(Failure) {
        let array = try Npy(file.bytes, path: "fuzz.npy")
        var sum: UInt8 = 0
        for byte in array.data { sum &+= byte }
        precondition(array.data.count == array.type.bytes(array.shape.reduce(1, *)) && sum >= 0)
    } catch { _ = error.line }
    return 0
}

/// Events as a socket may deliver them: the first byte of a test says in what parts. However they are cut, the same comes out.
func wyoming(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let bytes, count > 1 else { return 0 }
    precondition(events(bytes + 1, count - 1, part: Int(bytes[0]) + 1) == events(bytes + 1, count - 1, part: count))
    return 0
}

/// A digest of what a parser makes of `count` bytes that come in parts of `part`.
func events(_ bytes: UnsafePointer<UInt8>, _ count: Int, part: Int) -> UInt64 {
    var parser = EventParser()
    var digest: UInt64 = 0
    func add(_ bytes: UnsafeBufferPointer<UInt8>) { for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 } }
    for start in stride(from: 0, to: count, by: part) {
        // A copy of its own: ASan sees every byte too far.
        let room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: min(part, count - start))
        defer { room.deallocate() }
        for i in room.indices { room[i] = bytes[start + i] }
        var rest = UnsafeBufferPointer(room)
        parsing: while true {
            switch parser.feed(&rest) {
            case .more: break parsing
            case .wrong(let why):
                add(UnsafeBufferPointer(start: why.utf8Start, count: why.utf8CodeUnitCount))
                return digest
            case .payload(let bytes): add(bytes)
            case .event(let kind):
                digest = (digest ^ UInt64(kind.rawValue + 1)) &* 0x100_0000_01b3
                for name: StaticString in ["names", "text", "rate", "timestamp"] {
                    guard let value = parser.field(name) else { continue }
                    add(value)
                    if JSONText.isString(value, equalTo: "okay_nabu é") { digest &+= 1 }
                    if let number = JSONText.integer(value) { digest &+= UInt64(truncatingIfNeeded: number) }
                    JSONText.forEach(of: value) { if JSONText.isString($0, equalTo: "okay_nabu") { digest &+= 2 } }
                }
            }
        }
    }
    return digest
}

/// The target is the end of the program's name, so that libFuzzer can start itself anew (-fork, -jobs):
/// run.sh links fuzz-model and so on to the one program.
func start() -> Int32 {
    let targets: [(name: String, test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32)] = [
        ("model", { testModel($0, $1) }), ("wav", { wav($0, $1) }), ("manifest", { manifest($0, $1) }), ("npy", { npy($0, $1) }),
        ("wyoming", { wyoming($0, $1) }),
    ]
    var argc = linux_argc()
    var argv = linux_argv()
    let program = String(cString: argv![0]!)
    for target in targets where program.hasSuffix("fuzz-" + target.name) {
        return withUnsafeMutablePointer(to: &argv) { pointer in
            pointer.withMemoryRebound(to: Optional<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>.self, capacity: 1) {
                LLVMFuzzerRunDriver(&argc, $0, target.test)
            }
        }
    }
    var line = Line()
    line.append("katydid: \(program): no target of that name; call Tests/Fuzz/run.sh")
    line.flush(to: 2)
    return 64
}

exit(start())
