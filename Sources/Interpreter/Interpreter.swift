import CKernels
import CLinux
import ModelFormat
import Support

/// Runs one model. Everything is decided in `init`; `invoke` walks an array of kernel calls and
/// allocates nothing.
public final class Interpreter {
    /// An input or output of the model: its description and where its bytes stand.
    public struct Port {
        public let tensor: Tensor
        public let bytes: UnsafeMutableRawBufferPointer
    }

    /// What the model takes, in bytes, all of it in one mmap.
    public struct Footprint {
        /// Variables, activations and scratch.
        public var arena: Int
        /// Of the arena: what lives from one `invoke` to the next, variables and what `invokeNext` reuses.
        public var persistent: Int
        /// Parameter blocks, tables and the list of calls.
        public var plan: Int
        /// Packed weights, biases and scales.
        public var weights: Int
        public var total: Int { arena + plan + weights }
    }

    public let model: Model
    /// Writing an input and calling `invoke` may destroy it: inputs share memory with later results.
    public let inputs: [Port]
    public let outputs: [Port]
    public let footprint: Footprint
    /// Whether it has variables: then the outputs depend on earlier inputs, too.
    public var hasVariables: Bool { variables.count > 0 }
    /// The calls that `invokeNext` makes, in order: those of `invoke` where nothing is reused.
    public let calls: [Call]
    /// Where each tensor of the main graph stands, for `inspect`.
    public let arenaMap: [ArenaEntry]

    private let memory: Memory
    private let steps: UnsafeMutablePointer<k_step>
    private let stepCount: Int32
    /// Those of an inference that goes on from the last.
    private let nextSteps: UnsafeMutablePointer<k_step>
    private let nextStepCount: Int32
    private var hasLast = false
    private let initialSteps: UnsafeMutablePointer<k_step>
    private let initialStepCount: Int32
    /// Variables' bytes, all in one piece at the start of the arena.
    private let variables: Variables

    /// One kernel call of the plan.
    public struct Call {
        /// Index of the operator in the main graph.
        public var node: Int
        private let name: UnsafePointer<CChar>
        public var kernel: String { String(cString: name) }
        public var macs: UInt64

        init(node: Int, name: UnsafePointer<CChar>, macs: UInt64) {
            self.node = node
            self.name = name
            self.macs = macs
        }
    }

    /// A piece of the arena.
    public struct ArenaEntry {
        /// The tensor whose memory it is; nil for scratch and for variables.
        public var tensor: Int?
        public var offset: Int
        public var bytes: Int
        /// The operators between which it is in use, −1 and `operators.count` meaning before and after all.
        public var first: Int
        public var last: Int
        public var isPersistent: Bool
        /// The operator whose scratch it is.
        public var scratchOf: Int?
    }

    /// Prepares `model`. `cpu`: the features that kernels may use (K_CPU_…), by default those of this CPU.
    ///
    /// Without `sharing` every tensor gets memory of its own, and nothing is computed in place: what an
    /// arena gives must be the same. With AddressSanitizer the bytes between tensors may not be touched.
    ///
    /// With a `hop` the model's only input is a window of rows that moves on by so many from one inference to the next, and
    /// `invokeNext` reuses what the last one computed, at the price of memory that lives on.
    public init(_ model: Model, cpu: UInt32 = k_cpu_features(), sharing: Bool = true, hop: Int = 0) throws(Failure) {
        self.model = model
        var variables = Variables()
        var folding = Folding(
            budget: 16 * model.byteCount + (1 << 16), work: 64 * UInt64(model.byteCount) + (1 << 24), cpu: cpu)
        let main = try GraphPlan(model.subgraphs[0], isMain: true, sharing: sharing, hop: hop, variables: &variables, folding: &folding)

        // Graphs that CALL_ONCE names. They run before the main graph, and use its memory meanwhile.
        var initial: [GraphPlan] = []
        var called: [Int] = []
        for node in main.nodes where node.op.code.number == OperatorDefinition.callOnce.code {
            let index = try node.op.option(0)
            guard index > 0, index < model.subgraphs.count else {
                throw node.damaged("calls graph \(index), which is none of the other \(model.subgraphs.count - 1)")
            }
            if called.contains(index) { continue }
            called.append(index)
            let plan = try GraphPlan(model.subgraphs[index], isMain: false, sharing: sharing, hop: 0, variables: &variables, folding: &folding)
            guard model.subgraphs[index].inputs.isEmpty else {
                throw node.damaged("calls a graph that has inputs")
            }
            initial.append(plan)
        }

        // Variables must survive the initial graphs' activations: those get a place of their own. It is
        // empty for graphs that only assign constants, as exporters write them.
        var initialBytes = 0
        for plan in initial { initialBytes = max(initialBytes, plan.arenaBytes) }
        let upperBound = main.arenaBytes + initialBytes + (24 * model.byteCount + 16384 * (main.nodes.count + 16)) * (main.hasReuse ? 3 : 1) + (1 << 20)
        var emitter = Emitter(memory: try Memory(reserving: upperBound), cpu: cpu)
        let arena = try emitter.memory.allocate(main.arenaBytes, alignment: Memory.alignment)
        let initialArena = try emitter.memory.allocate(initialBytes, alignment: Memory.alignment)
        let arenaBytes = emitter.memory.used
        if !sharing {
            for (plan, base) in [(main, arena)] + initial.map({ ($0, initialArena) }) {
                for buffer in plan.buffers where buffer.size > 0 {
                    linux_forbid(base + buffer.offset + buffer.size, MemoryPlanner.isolation)
                }
            }
        }

        var addresses = main.addresses(arena: arena)
        for v in 0..<variables.count {
            // A variable that is initialised and never looked at stands apart.
            let isUsed = v < main.uses.bytes.count && main.uses.bytes[v] > 0
            let place = isUsed ? addresses[main.graph.tensors.count + v] : try emitter.memory.allocate(variables.bytes[v])
            variables.addresses.append(place ?? arena)
        }
        emitter.addresses = addresses
        try main.emit(into: &emitter, arena: arena, variables: variables)
        let mainSteps = emitter.steps
        if main.hasReuse { try main.emitReuse(into: &emitter, arena: arena) }
        let nextSteps = emitter.steps
        let origins = emitter.origins

        emitter.steps = []
        for plan in initial {
            emitter.addresses = plan.addresses(arena: initialArena)
            try plan.emit(into: &emitter, arena: initialArena, variables: variables)
        }
        let initialSteps = emitter.steps

        self.steps = try Self.keep(mainSteps, &emitter)
        self.stepCount = Int32(mainSteps.count)
        self.nextSteps = main.hasReuse ? try Self.keep(nextSteps, &emitter) : steps
        self.nextStepCount = Int32(nextSteps.count)
        self.initialSteps = try Self.keep(initialSteps, &emitter)
        self.initialStepCount = Int32(initialSteps.count)
        self.variables = variables

        var calls: [Call] = []
        var counted = -1
        for origin in origins {
            // An operator of several calls counts its work once.
            calls.append(
                Call(node: origin.node, name: origin.kernel, macs: origin.node == counted ? 0 : main.macs(of: origin.node)))
            counted = origin.node
        }
        self.calls = calls

        inputs = Self.ports(main.graph.inputs, main.graph, addresses)
        // Folded constants go when this ends, and those of the file may stand at any alignment.
        for t in main.graph.outputs {
            guard let value = main.constants[t] else { continue }
            let bytes = main.graph.tensors[t].byteCount
            addresses[t] = try emitter.weights(bytes)
            addresses[t]!.copyMemory(from: value, byteCount: bytes)
        }
        outputs = Self.ports(main.graph.outputs, main.graph, addresses)
        arenaMap = Self.map(main)
        var persistent = 0
        for entry in arenaMap where entry.isPersistent { persistent += entry.bytes }
        footprint = Footprint(
            arena: arenaBytes, persistent: persistent,
            plan: emitter.memory.used - arenaBytes - emitter.weightBytes, weights: emitter.weightBytes)
        emitter.memory.trim()
        memory = emitter.memory
        reset()
    }

    private static func keep(_ steps: [k_step], _ emitter: inout Emitter) throws(Failure) -> UnsafeMutablePointer<k_step> {
        let copy = try emitter.table(steps.count, of: k_step.self)
        for (i, step) in steps.enumerated() { (copy + i).initialize(to: step) }
        return copy
    }

    private static func ports(_ list: [Int], _ graph: Subgraph, _ addresses: [UnsafeMutableRawPointer?]) -> [Port] {
        var ports: [Port] = []
        for t in list {
            let count = addresses[t] == nil ? 0 : graph.tensors[t].byteCount
            ports.append(Port(tensor: graph.tensors[t], bytes: UnsafeMutableRawBufferPointer(start: addresses[t], count: count)))
        }
        return ports
    }

    private static func map(_ plan: GraphPlan) -> [ArenaEntry] {
        var entries: [ArenaEntry] = []
        for (i, buffer) in plan.buffers.enumerated() where buffer.size > 0 {
            let root = i < plan.roots.count ? plan.roots[i] : nil
            entries.append(
                ArenaEntry(
                    tensor: root.flatMap { $0 < plan.graph.tensors.count ? $0 : nil }, offset: buffer.offset, bytes: buffer.size,
                    first: buffer.first, last: buffer.last, isPersistent: root.map { plan.storage.isPersistent[$0] } ?? false,
                    scratchOf: root == nil ? i - plan.roots.count : nil))
        }
        return entries
    }

    /// Forgets everything heard: variables get their initial values again.
    public func reset() {
        for v in 0..<variables.count {
            variables.addresses[v].initializeMemory(as: UInt8.self, repeating: 0, count: variables.bytes[v])
        }
        k_run(initialSteps, initialStepCount)
        hasLast = false
    }

    /// One inference: inputs must have been written before, outputs may be read after.
    public func invoke() { k_run(steps, stepCount) }

    /// One inference of the window that the last one looked through, moved on by `hop` rows, or after a reset of any. The input must have
    /// been written as for `invoke`, and the outputs are the same as then; where nothing can be reused, it is `invoke`.
    public func invokeNext() {
        if hasLast {
            k_run(nextSteps, nextStepCount)
        } else {
            invoke()
            hasLast = true
        }
    }

    /// `invokeNext` with something to reuse, adding the ns that each call took to `nanoseconds`, which has an entry per call.
    public func invoke(timing nanoseconds: UnsafeMutableBufferPointer<Int64>) {
        var before = linux_now_ns()
        for i in 0..<Int(nextStepCount) {
            nextSteps[i].run(nextSteps[i].block)
            let after = linux_now_ns()
            nanoseconds[i] += after - before
            before = after
        }
    }
}
