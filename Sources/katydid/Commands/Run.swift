import CLinux
import Interpreter
import ModelFormat
import Support

private let help: StaticString = """
    usage: katydid run MODEL [OPTIONS]

    Runs a .tflite model and shows or writes its outputs.

      --input FILE    an input: .npy, or raw bytes in the tensor's own type; once for each
                      input, in order. A file of n inputs makes n runs, one after the other,
                      as a streaming model hears them. Floats for an int8 or uint8 input are
                      quantised.
      --random SEED   random inputs instead (default, seed 12345)
      --runs N        with random inputs: so many runs (1)
      --hop N         each input is the window of the one before, moved on by N rows: what
                      that has computed is used again, as listen does
      --output FILE   write an output: .npy, else raw; once for each output
      --top K         show the K largest values of each output (5)
      --labels FILE   a name per line for --top
      --help          this text

    example:
      katydid run kws.tflite --input yes.npy --top 3 --labels labels.txt

    """

/// The inputs of all runs: a file each, or a generator.
private struct Inputs {
    var runs: Int
    /// Rows by which windows move on; 0: they don't.
    let hop: Int
    private var generator: InputGenerator
    /// The last random window: inferences destroy their inputs.
    private var window: [UInt8] = []
    private var files: [InputFile] = []

    init(_ options: Options, _ interpreter: Interpreter) throws(Failure) {
        hop = try options.integer("hop", in: 1...1_000_000, default: 0)
        generator = InputGenerator(seed: UInt32(try options.integer("random", in: 0...Int(Int32.max), default: 12345)))
        runs = try options.integer("runs", in: 1...1_000_000_000, default: 1)
        let paths = options.values("input")
        guard !paths.isEmpty else { return }
        guard !options.has("random"), !options.has("runs") else {
            throw Failure(.usage, "--input", "goes with neither --random nor --runs", "leave one of them out")
        }
        guard paths.count == interpreter.inputs.count else {
            throw Failure(
                .usage, "--input", "given \(paths.count) times, the model has \(interpreter.inputs.count) inputs",
                "give one file for each input")
        }
        for (i, path) in paths.enumerated() { files.append(try InputFile(path, interpreter.inputs[i].tensor)) }
        runs = files[0].runs
        for file in files where file.runs != runs {
            throw Failure(.data, "\(file.path)", "holds \(file.runs) inputs, \(files[0].path) \(runs)", "give files of equal length")
        }
    }

    mutating func write(run: Int, to ports: [Interpreter.Port]) {
        for (i, port) in ports.enumerated() {
            if !files.isEmpty {
                files[i].copy(run: run, to: port)
            } else if hop > 0 && ports.count == 1 {
                slide(port, isFirst: run == 0)
            } else {
                generator.fill(port.bytes, port.tensor.type)
            }
        }
    }

    /// New random rows behind those that are left of the last window.
    private mutating func slide(_ port: Interpreter.Port, isFirst: Bool) {
        let bytes = port.bytes.count, rows = max(port.tensor.rows, 1)
        let left = isFirst ? 0 : max(rows - hop, 0) * (bytes / rows)
        window.removeFirst(window.count - left)
        window += [UInt8](repeating: 0, count: bytes - left)
        window.withUnsafeMutableBytes { window in
            generator.fill(UnsafeMutableRawBufferPointer(rebasing: window[left...]), port.tensor.type)
            port.bytes.copyMemory(from: UnsafeRawBufferPointer(window))
        }
    }
}

/// One --input: as many inputs as the file holds.
private final class InputFile {
    let path: String
    let runs: Int
    private let file: MappedFile
    private let data: UnsafeRawBufferPointer
    private let isFloat: Bool

    init(_ path: String, _ tensor: Tensor) throws(Failure) {
        self.path = path
        file = try MappedFile(path)
        var isFloat = tensor.type == .float32
        if Npy.isNpy(file.bytes) {
            let array = try Npy(file.bytes, path: path)
            data = array.data
            isFloat = array.type == .float32
            let quantizes = isFloat && (tensor.type == .int8 || tensor.type == .uint8) && tensor.quantization.isPresent
            guard array.type == tensor.type || quantizes else {
                throw Failure(.data, "\(path)", "is \(array.type.name), the input is \(tensor.type.name)", "convert it")
            }
        } else {
            data = file.bytes
        }
        self.isFloat = isFloat
        let size = isFloat ? 4 * tensor.count : tensor.byteCount
        guard size > 0, data.count % size == 0, data.count > 0 else {
            throw Failure(.data, "\(path)", "has \(data.count) bytes, an input has \(size)", "give whole inputs")
        }
        runs = data.count / size
    }

    func copy(run: Int, to port: Interpreter.Port) {
        guard isFloat && port.tensor.type != .float32 else {
            port.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: data[(run * port.bytes.count)..<((run + 1) * port.bytes.count)]))
            return
        }
        let q = port.tensor.quantization
        let low: Float = port.tensor.type == .int8 ? -128 : 0
        for i in 0..<port.tensor.count {
            let x = data.loadUnaligned(fromByteOffset: 4 * (run * port.tensor.count + i), as: Float.self)
            let y = (x / q.scale).rounded(.toNearestOrEven) + Float(q.zeroPoint)
            port.bytes[i] = UInt8(truncatingIfNeeded: Int(y > low ? min(y, low + 255) : low))
        }
    }
}

func run() throws(Failure) {
    let options = try Options(
        "run", help: help,
        [
            .init("input", takesValue: true), .init("random", takesValue: true), .init("runs", takesValue: true),
            .init("output", takesValue: true), .init("top", takesValue: true), .init("labels", takesValue: true), .init("hop", takesValue: true),
        ])
    let path = try options.operand("MODEL")
    let interpreter = try prepare(path, options)
    var inputs = try Inputs(options, interpreter)
    let top = try options.integer("top", in: 1...1_000_000, default: 5)
    let labels = try options.value("labels").map { path throws(Failure) in try readLines(path) } ?? []

    let targets = options.values("output")
    guard targets.count <= interpreter.outputs.count else {
        throw Failure(.usage, "--output", "given \(targets.count) times, the model has \(interpreter.outputs.count) outputs", "leave some out")
    }
    // Everything that is written goes out at the end, in one piece, so that no half file stays behind.
    var results: [UnsafeMutableRawBufferPointer] = []
    for i in 0..<targets.count {
        let (bytes, overflow) = inputs.runs.multipliedReportingOverflow(by: interpreter.outputs[i].bytes.count)
        guard !overflow, bytes <= Tensor.maximumBytes else {
            throw Failure(.usage, "--output \(targets[i])", "\(inputs.runs) runs make more than \(Tensor.maximumBytes) bytes", "ask for fewer runs")
        }
        results.append(.allocate(byteCount: max(inputs.runs * interpreter.outputs[i].bytes.count, 1), alignment: 16))
    }
    defer { for result in results { result.deallocate() } }

    if targets.isEmpty {
        var line = Line()
        showFootprint(interpreter.footprint, &line)
    }
    for run in 0..<inputs.runs {
        inputs.write(run: run, to: interpreter.inputs)
        interpreter.invokeNext()
        for i in 0..<targets.count {
            let bytes = interpreter.outputs[i].bytes
            guard let base = bytes.baseAddress else { continue }
            (results[i].baseAddress! + run * bytes.count).copyMemory(from: base, byteCount: bytes.count)
        }
        if targets.isEmpty { show(interpreter.outputs, run: run, of: inputs.runs, top: top, labels) }
    }
    for (i, target) in targets.enumerated() {
        let tensor = interpreter.outputs[i].tensor
        let bytes = UnsafeRawBufferPointer(rebasing: results[i][..<(inputs.runs * tensor.byteCount)])
        if equal(Array(target.utf8).suffix(4), ".npy") {
            try Npy.write(target, tensor.type, inputs.runs == 1 ? tensor.shape : [inputs.runs] + tensor.shape, [bytes])
        } else {
            try writeFile(target, [bytes])
        }
    }
}

/// Reads and prepares a model, for windows that move on where `options` say so: what `run`, `bench` and `inspect` begin with.
func prepare(_ path: String, _ options: Options) throws(Failure) -> Interpreter {
    let hop = try options.integer("hop", in: 1...1_000_000, default: 0)
    let model = try Model(path: path)
    do throws(Failure) { return try Interpreter(model, hop: hop) } catch { throw error.of("\(path)") }
}

private func readLines(_ path: String) throws(Failure) -> [String] {
    let file = try MappedFile(path)
    var lines: [String] = []
    var current: [UInt8] = []
    for byte in file.bytes {
        if byte == 10 {
            lines.append(String(decoding: current, as: UTF8.self))
            current = []
        } else if byte != 13 {
            current.append(byte)
        }
    }
    if !current.isEmpty { lines.append(String(decoding: current, as: UTF8.self)) }
    return lines
}

/// The largest values of each output, largest first.
private func show(_ outputs: [Interpreter.Port], run: Int, of runs: Int, top: Int, _ labels: [String]) {
    var line = Line()
    for (o, output) in outputs.enumerated() {
        guard let base = output.bytes.baseAddress else { continue }
        var order = Array(0..<output.tensor.count)
        let count = min(top, order.count)
        // A partial selection sort: outputs are short, and equal values stay in order.
        for i in 0..<count {
            var best = i
            for j in i + 1..<max(order.count, i + 1) where real(base, order[j], output.tensor) > real(base, order[best], output.tensor) { best = j }
            let index = order.remove(at: best)
            order.insert(index, at: i)
            if runs > 1 {
                line.append("run ")
                line.append(run)
                line.append("  ")
            }
            line.append("output ")
            line.append(o)
            line.append("  [")
            line.append(index)
            line.append("]  ")
            line.append(real(base, index, output.tensor), decimals: 6)
            if output.tensor.type != .float32 {
                line.append("  (")
                line.append(Int(clamping: element(base, index, output.tensor.type)))
                line.append(")")
            }
            if index < labels.count {
                line.append("  ")
                line.append(labels[index])
            }
            line.flush()
        }
    }
}

extension Int {
    /// An element as an integer: the largest int64 is not one that a Double can hold.
    fileprivate init(clamping value: Double) { self = value >= 0x1p63 ? Int.max : value >= -0x1p63 ? Int(value) : Int.min }
}
