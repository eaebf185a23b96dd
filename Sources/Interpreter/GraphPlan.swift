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
    /// What the next inference finds done.
    private let reuse: Reuse
    private let definitions: [OperatorDefinition]
    /// Nodes that are computed while preparing, or that only name something.
    private let isDone: [Bool]

    /// Planned buffers: those of `roots`, then one scratch buffer per node.
    private(set) var buffers: [MemoryPlanner.Buffer]
    let roots: [Int]
    let arenaBytes: Int

    /// Checks and plans. `folding` takes what is computed now; without `sharing` every tensor gets memory
    /// of its own. `hop`: rows by which the input moves on between inferences; 0: unknown.
    init(
        _ graph: Subgraph, isMain: Bool, sharing: Bool, hop: Int, variables: inout Variables, folding: inout Folding
    ) throws(Failure) {
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
        try Self.checkOrder(graph, nodes)
        // Where variables stand is decided by the main graph: others copy them.
        uses = try VariableUses(nodes, tensors: graph.tensors.count, inPlace: isMain && sharing, &variables)

        layouts = []
        var isDone: [Bool] = []
        for node in nodes {
            let definition = definitions[node.index]
            if let outputs = definition.outputs, node.op.outputs.count != outputs {
                throw node.damaged("has \(node.op.outputs.count) outputs instead of \(outputs)")
            }
            var layout = Layout(cpu: folding.cpu)
            try definition.layout(node, &layout)
            layouts.append(layout)
            isDone.append(try folding.fold(node, layout, definition, constants))
        }
        self.isDone = isDone
        reuse = Reuse(graph, nodes, layouts, hop: hop)
        var none: [UnsafeMutableRawPointer?] = []
        for node in nodes {
            for i in 0..<2 {
                guard let part = reuse.part(i, of: node, &none) else { continue }
                var layout = Layout(cpu: folding.cpu)
                try definitions[node.index].layout(part, &layout)
                layouts[node.index].scratch = max(layouts[node.index].scratch, layout.scratch)
            }
        }

        var storage = Storage(graph, nodes, layouts, uses, reuse: reuse, constants: constants, sharing: sharing)
        var unsafe = uses.unsafe(storage, nodes)
        var round = 1
        while !unsafe.isEmpty {
            // What one change brings to light mostly takes one more round; then caution goes before speed.
            if round == 3 { unsafe = Array(0..<uses.bytes.count) }
            for v in unsafe { uses.readsInPlace[v] = false }
            storage = Storage(graph, nodes, layouts, uses, reuse: reuse, constants: constants, sharing: sharing)
            unsafe = uses.unsafe(storage, nodes)
            round += 1
        }
        self.storage = storage

        (buffers, roots) = storage.buffers(nodes: nodes.count, variables: isMain)
        for node in nodes {
            let scratch = isDone[node.index] ? 0 : layouts[node.index].scratch
            buffers.append(MemoryPlanner.Buffer(size: scratch, first: node.index, last: node.index))
        }
        if !sharing {
            for i in 0..<buffers.count { (buffers[i].first, buffers[i].last) = (-1, nodes.count) }
        }
        arenaBytes = MemoryPlanner.plan(&buffers, gap: sharing ? 0 : MemoryPlanner.isolation)
        guard arenaBytes <= Tensor.maximumBytes else {
            throw Failure(
                .data, "the model", "needs an arena of \(arenaBytes) bytes", "at most \(Tensor.maximumBytes) are supported: use a smaller model")
        }
    }

    /// Refuses graphs that read what is not there yet, or that give one tensor two values.
    private static func checkOrder(_ graph: Subgraph, _ nodes: [Node]) throws(Failure) {
        // An empty tensor needs no value, and a handle is followed by VariableUses.
        var isKnown: [Bool] = []
        for tensor in graph.tensors { isKnown.append(tensor.data != nil || tensor.count == 0 || tensor.type == .resource) }
        for t in graph.inputs {
            guard graph.tensors[t].data == nil else {
                throw Failure(.data, "input tensor \(t)", "is a constant", "the model is damaged: export it again")
            }
            isKnown[t] = true
        }
        var isWritten = [Bool](repeating: false, count: graph.tensors.count)
        for t in graph.inputs { isWritten[t] = true }
        for node in nodes {
            for t in node.op.inputs where t >= 0 && !isKnown[t] {
                throw node.damaged("reads tensor \(t) before it is computed")
            }
            for t in node.op.outputs {
                guard graph.tensors[t].data == nil else { throw node.damaged("writes to the constant tensor \(t)") }
                guard !isWritten[t] else { throw node.damaged("computes tensor \(t) a second time") }
                isWritten[t] = true
                isKnown[t] = true
            }
        }
        for t in graph.outputs where !isKnown[t] {
            throw Failure(.data, "output tensor \(t)", "is computed by no operator", "the model is damaged: export it again")
        }
    }

    /// An operator that we don't have, with what we have.
    private static func missing(_ node: Node) -> Failure {
        #if !TRANSFORMERS
        if OperatorDefinition.isLeftOut(node.op.code.number) { return node.leftOut() }
        #endif
        var list = ""
        for definition in OperatorDefinition.all {
            list += (list.isEmpty ? "" : " ") + (OperatorCode.name(definition.code) ?? "")
        }
        return node.refuse("not supported (types: \(node.types))", "use a model of these operators: \(list)")
    }

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
                // Nobody looks at what has no place: an empty tensor that nothing computes.
                result[position] = (starts[region.root] ?? arena) + region.offset
            }
        }
        return result
    }

    /// Whether an inference may begin with what the last has left.
    var hasReuse: Bool {
        for window in reuse.windows where window != nil { return true }
        return false
    }

    /// Multiplications and additions of a node in an inference that reuses what it can.
    func macs(of node: Int) -> UInt64 {
        guard reuse.windows[node] != nil, let rows = reuse.rows[nodes[node].op.outputs[0]] else { return layouts[node].macs }
        return layouts[node].macs / UInt64(rows.count) * UInt64(rows.head + rows.tail)
    }

    /// Emits the calls of an inference whose input has moved on, after those of a whole one.
    func emitReuse(into emitter: inout Emitter, arena: UnsafeMutableRawPointer) throws(Failure) {
        let whole = emitter.steps, origins = emitter.origins, addresses = emitter.addresses
        emitter.steps = []
        emitter.origins = []
        var last = -1
        // In the order of the calls, not of the operators: an assignment may have been put off.
        for i in 0..<whole.count {
            let node = nodes[origins[i].node]
            guard reuse.windows[node.index] != nil, let rows = reuse.rows[node.op.outputs[0]] else {
                emitter.steps.append(whole[i])
                emitter.origins.append(origins[i])
                continue
            }
            if node.index == last { continue }
            last = node.index
            if rows.isKept {
                let first = try emitter.output(node) + rows.head * rows.bytes
                try emitter.move(node, from: first + rows.shift * rows.bytes, to: first, bytes: (rows.count - rows.head - rows.tail) * rows.bytes)
            }
            setScratch(of: node, &emitter, arena)
            for i in 0..<2 {
                guard let part = reuse.part(i, of: node, &emitter.addresses) else { continue }
                try definitions[node.index].emit(part, &emitter)
                emitter.addresses = addresses
            }
        }
    }

    private func setScratch(of node: Node, _ emitter: inout Emitter, _ arena: UnsafeMutableRawPointer) {
        let scratch = buffers[roots.count + node.index]
        emitter.scratch = scratch.size > 0 ? arena + scratch.offset : nil
    }

    /// Emits the calls. `emitter.addresses` must be those of this graph.
    func emit(into emitter: inout Emitter, arena: UnsafeMutableRawPointer, variables: Variables) throws(Failure) {
        var deferred = [[Int]](repeating: [], count: nodes.count)
        for node in nodes where storage.assignedAfter[node.index] >= 0 { deferred[storage.assignedAfter[node.index]].append(node.index) }
        emitter.pixelStrides = storage.pixelStride
        for node in nodes {
            let i = node.index
            if !isDone[i] {
                setScratch(of: node, &emitter, arena)
                if uses.read[i] >= 0 {
                    try emitter.move(
                        node, from: variables.addresses[uses.read[i]], to: try emitter.output(node),
                        bytes: try node.output().byteCount)
                } else if uses.assigned[i] < 0 {
                    try definitions[i].emit(node, &emitter)
                }
            }
            for other in deferred[i] {
                try emitter.move(
                    nodes[other], from: try emitter.input(nodes[other], 1), to: variables.addresses[uses.assigned[other]],
                    bytes: try nodes[other].input(1).byteCount)
            }
        }
    }
}
