import CKernels
import CLinux
import ModelFormat
import Support

/// Computes, while preparing, what depends on constants only (weights stored as float16, shapes put
/// together from pieces), in memory that is freed when preparation ends.
struct Folding: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer] = []
    private var budget: Int
    private var work: UInt64
    let cpu: UInt32

    /// `budget`: the most bytes that may be spent, so that a damaged model can't eat the board's memory;
    /// `work`: the most multiplications and additions, so that it can't eat its time.
    init(budget: Int, work: UInt64, cpu: UInt32) {
        self.budget = budget
        self.work = work
        self.cpu = cpu
    }

    deinit { for block in blocks { free(block) } }

    private mutating func allocate(_ bytes: Int, _ node: Node) throws(Failure) -> UnsafeMutableRawPointer {
        // Kernels want scratch at multiples of 64.
        let size = max((bytes + 63) / 64 * 64, 64)
        guard bytes <= budget, let block = aligned_alloc(64, size) else {
            throw node.damaged("computes \(bytes) bytes of constants")
        }
        memset(block, 0, size)
        budget -= bytes
        blocks.append(block)
        return block
    }

    /// Runs the node if it can be run now; says whether it is done with.
    mutating func fold(
        _ node: Node, _ layout: Layout, _ definition: OperatorDefinition, _ constants: Constants
    ) throws(Failure) -> Bool {
        switch definition.code {
        case OperatorDefinition.varHandle.code, OperatorDefinition.callOnce.code: return true
        case OperatorDefinition.readVariable.code, OperatorDefinition.assignVariable.code: return false
        default: break
        }
        guard !node.op.inputs.isEmpty else { return false }
        for t in node.op.inputs where t >= 0 && constants[t] == nil { return false }

        guard layout.macs <= work else { throw node.damaged("takes \(layout.macs) operations to compute a constant") }
        work -= layout.macs

        var emitter = Emitter(memory: try Memory(reserving: (1 << 20) + min(budget, 1 << 28)), cpu: cpu)
        for t in 0..<node.graph.tensors.count {
            emitter.addresses.append(constants[t].map { UnsafeMutableRawPointer(mutating: $0) })
        }
        for t in node.op.outputs { emitter.addresses[t] = try allocate(node.graph.tensors[t].byteCount, node) }
        if layout.scratch > 0 { emitter.scratch = try allocate(layout.scratch, node) }
        try definition.emit(node, &emitter)
        emitter.steps.withUnsafeBufferPointer { k_run($0.baseAddress, Int32($0.count)) }
        for t in node.op.outputs { constants.fold(t, UnsafeRawPointer(emitter.addresses[t]!)) }
        return true
    }
}
