import ModelFormat
import Support

/// An operator in its graph, as its implementation sees it.
final class Node {
    let index: Int
    let op: Operator
    let graph: Subgraph
    let constants: Constants
    /// Of a part of its rows (`Reuse`): what a convolution's window along them is, instead of what the file says.
    let window: Window?

    init(index: Int, op: Operator, graph: Subgraph, constants: Constants, window: Window? = nil) {
        self.index = index
        self.op = op
        self.graph = graph
        self.constants = constants
        self.window = window
    }

    /// A refusal of this operator: what the file asks for and we cannot do, or what makes no sense.
    func refuse(_ why: Message, _ remedy: Message = "export the model differently or report it") -> Failure {
        Failure(.data, "operator \(index) (\(op.code.name))", why, remedy)
    }

    /// A refusal of what no exporter writes.
    func damaged(_ why: Message) -> Failure { refuse(why, "the model is damaged: export it again") }

    #if !TRANSFORMERS
    func leftOut() -> Failure {
        refuse("this katydid was built without the operators of transformers", "build it with make deb TRANSFORMERS=1")
    }
    #endif

    func hasInput(_ i: Int) -> Bool { i < op.inputs.count && op.inputs[i] >= 0 }

    func inputIndex(_ i: Int) throws(Failure) -> Int {
        guard hasInput(i) else { throw damaged("input \(i) is missing") }
        return op.inputs[i]
    }

    func outputIndex(_ i: Int) throws(Failure) -> Int {
        guard i < op.outputs.count else { throw damaged("output \(i) is missing") }
        return op.outputs[i]
    }

    func input(_ i: Int) throws(Failure) -> Tensor { graph.tensors[try inputIndex(i)] }
    func output(_ i: Int = 0) throws(Failure) -> Tensor { graph.tensors[try outputIndex(i)] }

    /// The value of an input that must be constant, at any alignment.
    func constant(_ i: Int) throws(Failure) -> UnsafeRawPointer {
        let tensor = try inputIndex(i)
        guard let value = constants[tensor] else {
            throw refuse("input \(i) is computed at run time", "only a constant is supported there")
        }
        return value
    }

    /// A constant int32 or int64 input as integers.
    func integers(_ i: Int) throws(Failure) -> [Int] {
        let tensor = try input(i)
        // Exporters write no data for an empty list.
        if tensor.count == 0 { return [] }
        let value = try constant(i)
        guard tensor.count <= 64 else { throw damaged("input \(i) has \(tensor.count) elements") }
        var result: [Int] = []
        for k in 0..<tensor.count {
            switch tensor.type {
            case .int32: result.append(Int(value.loadUnaligned(fromByteOffset: 4 * k, as: Int32.self)))
            case .int64: result.append(Int(clamping: value.loadUnaligned(fromByteOffset: 8 * k, as: Int64.self)))
            default: throw refuse("input \(i) is \(tensor.type.name)", "int32 or int64 is supported there")
            }
        }
        return result
    }

    /// Dimension number `axis` of `rank`, negative ones counting from the end.
    func axis(_ axis: Int, rank: Int) throws(Failure) -> Int {
        let a = axis < 0 ? axis + rank : axis
        guard a >= 0, a < rank else { throw damaged("axis \(axis) of a tensor of \(rank) dimensions") }
        return a
    }

    /// Refuses an output whose shape in the file is not the one that the operator computes.
    func expect(_ shape: [Int], of output: Int = 0) throws(Failure) {
        let tensor = try self.output(output)
        guard tensor.shape == shape else {
            throw damaged(
                    "computes \(text(shape)), the file says \(text(tensor.shape))")
        }
    }

    /// Refuses types that the operator has no kernel for, naming those that it has.
    func unsupported(_ supported: StaticString) -> Failure {
        refuse("no kernel for types \(types)", "supported: \(supported)")
    }

    /// Those of the inputs and outputs.
    var types: String {
        var types = ""
        for i in op.inputs { types += (i < 0 ? "none" : graph.tensors[i].type.name) + " " }
        types += "->"
        for i in op.outputs { types += " " + graph.tensors[i].type.name }
        return types
    }

    /// Refuses a tensor without a usable quantisation; per-channel only where `perChannel`.
    func quantization(_ tensor: Tensor, perChannel: Bool = false) throws(Failure) -> Quantization {
        let q = tensor.quantization
        guard q.isPresent, q.scale > 0 else { throw refuse("\(tensor.name) has no scale", "quantise the whole model") }
        guard perChannel || !q.isPerChannel else {
            throw refuse("\(tensor.name) is quantised per channel", "only weights may be")
        }
        let range = tensor.type == .int8 ? -128...127 : tensor.type == .uint8 ? 0...255 : -32768...32767
        guard range.contains(q.zeroPoint) else { throw damaged("\(tensor.name) has zero point \(q.zeroPoint)") }
        return q
    }

    func text(_ shape: [Int]) -> String {
        var s = "["
        for (i, n) in shape.enumerated() { s += (i == 0 ? "" : ",") + "\(n)" }
        return s + "]"
    }
}

/// The product of dimensions; 1 for none.
func product(_ shape: some Sequence<Int>) -> Int { shape.reduce(1, *) }

/// Distance in elements between neighbours along each dimension of a dense tensor.
func denseStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    var step = 1
    for i in stride(from: shape.count - 1, through: 0, by: -1) {
        strides[i] = step
        step *= shape[i]
    }
    return strides
}
