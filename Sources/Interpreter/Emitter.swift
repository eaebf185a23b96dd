import CKernels
import CLinux
import ModelFormat
import Support

/// What `emit` of an operator writes to: kernel calls with their parameter blocks, packed weights.
struct Emitter: ~Copyable {
    var memory: Memory
    /// Address of every tensor of the graph being prepared: arena, file or folded constant; nil for handles.
    var addresses: [UnsafeMutableRawPointer?] = []
    /// Bytes between pixels of tensors that are channel slices of others (`Storage`); 0 for dense ones.
    var pixelStrides: [Int] = []
    /// Scratch of the operator being prepared.
    var scratch: UnsafeMutableRawPointer?

    var steps: [k_step] = []
    /// The operator and the kernel of each step.
    var origins: [(node: Int, kernel: UnsafePointer<CChar>)] = []
    private(set) var weightBytes = 0
    /// Weights that were packed.
    private var packs: [(node: Int, weights: UnsafeMutableRawPointer, bytes: Int)] = []
    /// `weightBytes` before those that are being packed.
    private var bytesBefore = 0
    let cpu: UInt32

    init(memory: consuming Memory, cpu: UInt32) {
        self.memory = memory
        self.cpu = cpu
    }

    func pixelStride(_ tensor: Int) -> Int { tensor < pixelStrides.count ? pixelStrides[tensor] : 0 }

    func address(_ tensor: Int) -> UnsafeMutableRawPointer { addresses[tensor]! }

    func output(_ node: Node, _ i: Int = 0) throws(Failure) -> UnsafeMutableRawPointer { address(try node.outputIndex(i)) }

    /// Memory that lives as long as the plan: tables, parameters.
    mutating func table<T: BitwiseCopyable>(_ count: Int, of type: T.Type) throws(Failure) -> UnsafeMutablePointer<T> {
        try memory.allocate(max(count, 1) * MemoryLayout<T>.stride, alignment: MemoryLayout<T>.alignment)
            .bindMemory(to: type, capacity: count)
    }

    /// Memory for packed weights.
    mutating func weights(_ bytes: Int) throws(Failure) -> UnsafeMutableRawPointer {
        bytesBefore = weightBytes
        return try constants(bytes)
    }

    private mutating func constants(_ bytes: Int) throws(Failure) -> UnsafeMutableRawPointer {
        weightBytes += bytes
        return try memory.allocate(bytes, alignment: 64)
    }

    /// The weights of `node` that were packed just now: where an earlier call of it packed the same, those, and all that was handed out
    /// for packing is free again.
    mutating func once(_ node: Node, _ weights: UnsafeMutableRawPointer, _ bytes: Int) -> UnsafeMutableRawPointer {
        for known in packs where known.node == node.index && known.bytes == bytes && memcmp(known.weights, weights, bytes) == 0 {
            memory.release(from: weights)
            weightBytes = bytesBefore
            return known.weights
        }
        packs.append((node.index, weights, bytes))
        return weights
    }

    /// An input as kernels may read it at run time: constants that are folded, or badly aligned in the
    /// file, are copied into the plan first.
    mutating func input(_ node: Node, _ i: Int) throws(Failure) -> UnsafeMutableRawPointer {
        let index = try node.inputIndex(i)
        let tensor = node.graph.tensors[index]
        guard let value = node.constants[index] else { return address(index) }
        let alignment = max(tensor.type.bytes(1), 1)
        if !node.constants.isFolded(index) && Int(bitPattern: value) % alignment == 0 {
            return UnsafeMutableRawPointer(mutating: value)
        }
        let copy = try constants(tensor.byteCount)
        copy.copyMemory(from: value, byteCount: tensor.byteCount)
        return copy
    }

    /// A constant input for use while preparing, aligned for its type.
    mutating func constant<T: BitwiseCopyable>(_ node: Node, _ i: Int, as type: T.Type) throws(Failure) -> UnsafePointer<T> {
        let value = try node.constant(i)
        if Int(bitPattern: value) % MemoryLayout<T>.alignment == 0 { return value.assumingMemoryBound(to: type) }
        return UnsafePointer(try input(node, i).assumingMemoryBound(to: type))
    }

    /// Adds a call of `run` with a copy of `block`.
    mutating func call<Block: BitwiseCopyable>(
        _ node: Node, _ kernel: StaticString, _ run: k_function, _ block: Block
    ) throws(Failure) {
        try call(node, UnsafeRawPointer(kernel.utf8Start).assumingMemoryBound(to: CChar.self), run, block)
    }

    /// The same for a kernel whose name, a C string that lasts, stands in a table of variants.
    mutating func call<Block: BitwiseCopyable>(
        _ node: Node, _ kernel: UnsafePointer<CChar>, _ run: k_function, _ block: Block
    ) throws(Failure) {
        try withUnsafeBytes(of: block) { block throws(Failure) in try call(node, kernel, run, bytes: block) }
    }

    /// One function for blocks of any type.
    @inline(never)
    private mutating func call(
        _ node: Node, _ kernel: UnsafePointer<CChar>, _ run: k_function, bytes block: UnsafeRawBufferPointer
    ) throws(Failure) {
        let copy = try memory.allocate(block.count, alignment: 8)
        copy.copyMemory(from: block.baseAddress!, byteCount: block.count)
        #if TRANSFORMERS
        let run = k_best(run, cpu)
        #endif
        steps.append(k_step(run: run, block: UnsafeRawPointer(copy)))
        origins.append((node.index, kernel))
    }

    /// Adds a copy of `bytes`, which may overlap.
    mutating func move(_ node: Node, from: UnsafeRawPointer, to: UnsafeMutableRawPointer, bytes: Int) throws(Failure) {
        guard UnsafeRawPointer(to) != from, bytes > 0 else { return }
        var block = k_copy()
        block.src = from.assumingMemoryBound(to: UInt8.self)
        block.dst = to.assumingMemoryBound(to: UInt8.self)
        block.block = bytes
        try call(node, "move", k_move_run, block)
    }
}
