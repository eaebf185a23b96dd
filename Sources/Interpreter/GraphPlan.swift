import CKernels
import ModelFormat
import Support

/// One subgraph made ready: its operators checked, its memory planned, its calls emitted.
struct GraphPlan {
    let graph: Subgraph
    let nodes: [Node]
    let constants: Constants
    private(set) var layouts: [Layout]
    private(set) var uses: VariableUses
    private(set) var storage: Storage
    private let definitions: [OperatorDefinition]
    /// Nodes that are computed while preparing, or that only name something.
    private let isDone: [Bool]

    /// Planned buffers: those of `roots`, then one scratch buffer per node.
    private(set) var buffers: [MemoryPlanner.Buffer]
    let roots: [Int]
    let arenaBytes: Int

    /// Checks and plans. `folding` takes what is computed now.
    init(_ graph: Subgraph, isMain: Bool, variables: inout Variables, folding: inout Folding) throws(Failure) {
        self.graph = graph
        constants = Constants(graph.tensors)

        var nodes: [Node] = []
        var definitions: [OperatorDefinition] = []
        for (index, op) in graph.operators.enumerated() {
            let node = Node(index: index, op: op, graph: graph, constants: constants)
            guard let definition = OperatorDefinition.find(op.code.number) else { throw Self.missing(node) }
            if !isMain && definition.code == OperatorDefinition.callOnce.code {
                throw node.refuse("stands in a graph that is itself run once", "graphs that call graphs are not supported")
            }
            nodes.append(node)
            definitions.append(definition)
        }
        self.nodes = nodes
        self.definitions = definitions
        uses = try VariableUses(nodes, tensors: graph.tensors.count, &variables)

        layouts = []
        var isDone: [Bool] = []
        for node in nodes {
            let definition = definitions[node.index]
            for t in node.op.outputs where graph.tensors[t].data != nil {
                throw node.damaged("writes to the constant tensor \(t)")
            }
            var layout = Layout(cpu: folding.cpu)
            try definition.layout(node, &layout)
            layouts.append(layout)
            isDone.append(try folding.fold(node, layout, definition, constants))
        }
        self.isDone = isDone

        var storage: Storage
        repeat {
            storage = try Storage(graph, nodes, layouts, uses, constants: constants)
            var changed = false
            for v in 0..<uses.bytes.count where storage.isUnsafe(v, nodes, uses) {
                uses.readsInPlace[v] = false
                changed = true
            }
            if !changed { break }
        } while true
        self.storage = storage

        (buffers, roots) = storage.buffers(nodes: nodes.count, variables: isMain)
        for node in nodes {
            let scratch = isDone[node.index] ? 0 : layouts[node.index].scratch
            buffers.append(MemoryPlanner.Buffer(size: scratch, first: node.index, last: node.index))
        }
        var total = 0
        for buffer in buffers {
            total = total.addingReportingOverflow(buffer.size).partialValue
            guard total >= 0, buffer.size <= Tensor.maximumBytes else {
                throw Failure(.data, "the model", "needs more memory than a board can have", "use a smaller model")
            }
        }
        arenaBytes = MemoryPlanner.plan(&buffers)
    }

    /// An operator that we don't have, with what we have.
    private static func missing(_ node: Node) -> Failure {
        var names: [String] = []
        for definition in OperatorDefinition.all { names.append(Self.name(definition.code)) }
        var list = ""
        for name in names { list += (list.isEmpty ? "" : " ") + name }
        var types = ""
        for t in node.op.inputs where t >= 0 { types += " " + node.graph.tensors[t].type.name }
        types += " ->"
        for t in node.op.outputs { types += " " + node.graph.tensors[t].type.name }
        return Failure(
            .data, "operator \(node.index) (\(node.op.code.name))", "not supported (types:\(types))",
            "use a model of these operators: \(list)")
    }

    private static func name(_ code: Int32) -> String { "\(OperatorCode.names[Int(code)])" }

    /// Gives every tensor its address in an arena that begins at `arena`.
    func addresses(arena: UnsafeMutableRawPointer) -> [UnsafeMutableRawPointer?] {
        var starts = [UnsafeMutableRawPointer?](repeating: nil, count: graph.tensors.count + uses.bytes.count)
        for (root, buffer) in zip(roots, buffers) { starts[root] = arena + buffer.offset }
        var result = starts
        for position in 0..<result.count {
            if position < graph.tensors.count, let value = constants[position] {
                result[position] = UnsafeMutableRawPointer(mutating: value)
            } else if !storage.isConstant[position] {
                let region = storage.region(position)
                result[position] = starts[region.root].map { $0 + region.offset }
            }
        }
        return result
    }

    /// Emits the calls. `emitter.addresses` must be those of this graph.
    func emit(into emitter: inout Emitter, arena: UnsafeMutableRawPointer, variables: Variables) throws(Failure) {
        for node in nodes {
            let i = node.index
            if !isDone[i] {
                let scratch = buffers[roots.count + i]
                emitter.scratch = scratch.size > 0 ? arena + scratch.offset : nil
                if uses.read[i] >= 0 {
                    try emitter.move(
                        node, from: variables.addresses[uses.read[i]], to: try emitter.output(node),
                        bytes: try node.output().byteCount)
                } else if uses.assigned[i] < 0 {
                    try definitions[i].emit(node, &emitter)
                }
            }
            for other in nodes where storage.assignedAfter[other.index] == i {
                try emitter.move(
                    other, from: try emitter.input(other, 1), to: variables.addresses[uses.assigned[other.index]],
                    bytes: try other.input(1).byteCount)
            }
        }
    }
}
