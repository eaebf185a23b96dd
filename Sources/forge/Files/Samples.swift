import CLinux
import ModelFormat
import Support

/// Recordings of a model's input for calibration: .npy files, each one sound or many samples, one inference behind the other.
struct Samples {
    /// Of each file: the elements of each inference's input.
    let files: [[[Float]]]
    var count: Int { files.reduce(0) { $0 + $1.count } }

    /// `path`: a .npy file or a folder of them. `elements`: of the model's input. Integers are in its quantisation
    /// `scale`, `zeroPoint`.
    /// Throws `Failure` for a file that is none, that doesn't divide into inputs, or that holds what is no number.
    init(_ path: String, elements: Int, scale: Float, zeroPoint: Float) throws(Failure) {
        var files: [[[Float]]] = []
        for file in try Self.list(path) {
            let bytes = try MappedFile(file)
            let array = try Npy(bytes.bytes, path: file)
            let values = try Self.reals(array, file, scale, zeroPoint)
            guard !values.isEmpty, values.count % elements == 0 else {
                throw Failure(
                    .data, "\(file)", "has \(values.count) elements, which don't divide into inputs of \(elements)",
                    "give arrays of shape [samples, …] that fit the model's input")
            }
            files.append(stride(from: 0, to: values.count, by: elements).map { Array(values[$0..<$0 + elements]) })
        }
        self.files = files
    }

    private static func list(_ path: String) throws(Failure) -> [String] {
        guard let folder = opendir(path) else {
            guard linux_errno() == ENOTDIR else { throw .system("\(path)", "give a .npy file or a folder of them") }
            return [path]
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(".npy") { names.append(name) }
        }
        guard !names.isEmpty else { throw Failure(.noInput, "\(path)", "holds no .npy files", "save the model's inputs there with numpy.save") }
        return names.sorted().map { "\(path)/\($0)" }
    }

    private static func reals(_ array: Npy, _ path: String, _ scale: Float, _ zeroPoint: Float) throws(Failure) -> [Float] {
        func elements<T: BitwiseCopyable>(_ type: T.Type) -> [T] {
            (0..<array.data.count / MemoryLayout<T>.size).map { array.data.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: type) }
        }
        let values: [Float]
        switch array.type {
        case .float32: values = elements(Float.self)
        case .int8: values = elements(Int8.self).map { (Float($0) - zeroPoint) * scale }
        case .uint8: values = elements(UInt8.self).map { (Float($0) - zeroPoint) * scale }
        case .int16: values = elements(Int16.self).map { (Float($0) - zeroPoint) * scale }
        default: throw Failure(.data, "\(path)", "is \(array.type.name)", "float32, int8, uint8 and int16 are supported")
        }
        guard values.allSatisfy(\.isFinite) else { throw Failure(.data, "\(path)", "holds values that are no numbers", "leave them out") }
        return values
    }
}
