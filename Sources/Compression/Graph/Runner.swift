import Interpreter
import ModelFormat
import Support

/// A graph being run by our interpreter, in reals: integer inputs are quantised, integer outputs dequantised.
public final class Runner {
    private let bytes: UnsafeMutableRawBufferPointer
    public let interpreter: Interpreter

    /// Throws `Failure` for a graph that our interpreter refuses.
    public init(_ graph: Graph) throws(Failure) {
        let file = try graph.fileBytes()
        bytes = .allocate(byteCount: file.count, alignment: 64)
        bytes.copyBytes(from: file)
        do throws(Failure) {
            interpreter = try Interpreter(Model(MappedFile(borrowing: UnsafeRawBufferPointer(bytes)), path: graph.description))
        } catch {
            bytes.deallocate()
            throw error
        }
    }

    deinit { bytes.deallocate() }

    /// Variables begin anew.
    public func reset() { interpreter.reset() }

    /// One inference: elements of each input, elements of each output.
    public func run(_ inputs: [[Float]]) -> [[Float]] {
        invoke(inputs)
        return interpreter.outputs.indices.map(output)
    }

    func invoke(_ inputs: [[Float]]) {
        fill(inputs)
        interpreter.invoke()
    }

    /// Writes the elements of each input, in its type.
    public func fill(_ inputs: [[Float]]) {
        for (port, values) in zip(interpreter.inputs, inputs) {
            precondition(values.count == port.tensor.count, "\(values.count) values for \(port.tensor.shape)")
            let q = port.tensor.quantization, bytes = port.bytes
            switch port.tensor.type {
            case .float32: values.withUnsafeBytes { bytes.copyMemory(from: $0) }
            case .int8: for (i, x) in values.enumerated() { bytes.storeBytes(of: Int8(Self.integer(x, q, -128...127)), toByteOffset: i, as: Int8.self) }
            case .uint8: for (i, x) in values.enumerated() { bytes[i] = UInt8(Self.integer(x, q, 0...255)) }
            case .int32: for (i, x) in values.enumerated() { bytes.storeBytes(of: Int32(x), toByteOffset: 4 * i, as: Int32.self) }
            default: preconditionFailure("an input of \(port.tensor.type.name)")
            }
        }
    }

    private static func integer(_ x: Float, _ q: ModelFormat.Quantization, _ range: ClosedRange<Float>) -> Int {
        let value = (x / q.scale).rounded(.toNearestOrEven) + Float(q.zeroPoint)
        return Int(min(max(value, range.lowerBound), range.upperBound))
    }

    func output(_ i: Int) -> [Float] {
        let port = interpreter.outputs[i], bytes = UnsafeRawBufferPointer(port.bytes), q = port.tensor.quantization
        switch port.tensor.type {
        case .float32: return [Float](bytes.bindMemory(to: Float.self))
        case .int8: return bytes.map { Float(Int(Int8(bitPattern: $0)) - q.zeroPoint) * q.scale }
        case .uint8: return bytes.map { Float(Int($0) - q.zeroPoint) * q.scale }
        case .int32: return bytes.bindMemory(to: Int32.self).map(Float.init)
        default: preconditionFailure("an output of \(port.tensor.type.name)")
        }
    }
}
