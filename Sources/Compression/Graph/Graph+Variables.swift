import ModelFormat

/// Resource variables: what a streaming model remembers from one inference to the next.
extension Graph {
    public struct Variable: Sendable {
        let handle: Int
        let name: String
        public let shape: [Int]
    }

    /// A variable that begins as `initial`, zeros if nil. The graph that initialises all of them, and its CALL_ONCE, are
    /// made with the first.
    public mutating func variable(_ name: String, _ shape: [Int], initial: [Float]? = nil) -> Variable {
        if !operators.contains(where: { $0.code == .callOnce }) {
            var graph = Graph()
            graph.name = "initialize"
            called.append(graph)
            operators.insert(Operator(.callOnce, [], [], ["init_subgraph_index": .integer(called.count)]), at: 0)
        }
        let last = called.count - 1
        let value = called[last].constant(name + "/initial", shape, initial ?? [Float](repeating: 0, count: shape.reduce(1, *)))
        let target = called[last].handle(name)
        called[last].operators.append(Operator(.assignVariable, [target, value], []))
        return Variable(handle: handle(name), name: name, shape: shape)
    }

    private mutating func handle(_ name: String) -> Int {
        add(.varHandle, [], shape: [], options: ["container": .text([]), "shared_name": .text(Array(name.utf8))], name: name, type: .resource)
    }

    public mutating func read(_ variable: Variable) -> Int {
        add(.readVariable, [variable.handle], shape: variable.shape, name: variable.name + "/read")
    }

    public mutating func assign(_ variable: Variable, _ x: Int) {
        precondition(tensors[x].shape == variable.shape, "\(tensors[x].shape) for \(variable.shape)")
        operators.append(Operator(.assignVariable, [variable.handle, x], []))
    }

    /// The `length` newest elements of x that went before, with x behind them, along `axis`: a ring of history in front of a
    /// convolution over time. `length` 0 gives x itself.
    public mutating func history(_ x: Int, length: Int, axis: Int = 1, name: String) -> Int {
        guard length > 0 else { return x }
        var shape = tensors[x].shape
        let new = shape[axis]
        shape[axis] = length
        let state = variable(name, shape)
        let whole = concatenation([read(state), x], axis: axis, name: name + "/history")
        var begin = [Int](repeating: 0, count: shape.count), end = shape
        begin[axis] = new
        end[axis] = new + length
        assign(state, stridedSlice(whole, begin: begin, end: end, name: name + "/newest"))
        return whole
    }
}
