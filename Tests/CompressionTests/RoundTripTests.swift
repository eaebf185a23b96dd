import Compression
import GoldenFiles
import Interpreter
import ModelFormat
import Support
import Testing

/// Reading a file and writing it again changes nothing that is computed.
@Suite struct RoundTripTests {
    static let files: [String] = {
        let lines = (try? Golden.lines(Golden.folder + "/operators/index.txt")) ?? []
        return lines.map { "\(Golden.folder)/operators/\($0[0]).tflite" }
    }()

    @Test(arguments: files) func computesTheSame(_ path: String) throws {
        let runner = try Runner(Graph(path: path))
        let original = try Interpreter(Model(path: path))
        for run in 0..<2 {
            for (a, b) in zip(original.inputs, runner.interpreter.inputs) {
                // Inputs of real operators differ in nothing that matters here.
                for i in 0..<a.bytes.count { a.bytes[i] = a.tensor.type == .bool ? UInt8(i % 2) : UInt8((i * 7 + run * 31) % 63) }
                #expect(a.bytes.count == b.bytes.count)
                b.bytes.copyMemory(from: UnsafeRawBufferPointer(a.bytes))
            }
            original.invoke()
            runner.interpreter.invoke()
            for (a, b) in zip(original.outputs, runner.interpreter.outputs) { #expect(a.bytes.elementsEqual(b.bytes)) }
        }
    }

    @Test func thereAreFiles() { #expect(Self.files.count > 400) }

    /// The second time there is nothing left to normalise: the bytes are the same.
    @Test(arguments: files) func isStable(_ path: String) throws {
        let first = try Graph(path: path).fileBytes()
        let again = try first.withUnsafeBytes { bytes in try Graph(Model(MappedFile(borrowing: bytes), path: path)).fileBytes() }
        #expect(first == again)
    }

    @Test func shapesAreWrittenOnce() throws {
        var graph = Graph()
        var x = graph.input("x", [1, 5, 7, 3])
        for i in 0..<4 { x = graph.relu(x, name: "relu\(i)") }
        graph.output(x)
        let bytes = try graph.fileBytes()
        let vector: [UInt8] = [4, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0]
        let places = bytes.indices.filter { bytes[$0...].starts(with: vector) }
        #expect(places.count == 1)
        let again = try bytes.withUnsafeBytes { part in try Graph(Model(MappedFile(borrowing: part), path: "x")) }
        #expect(again.tensors.map(\.shape) == [[Int]](repeating: [1, 5, 7, 3], count: 5))
    }
}
