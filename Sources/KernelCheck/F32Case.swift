import CKernels

/// A random float layer, with float or (hybrid) int8 weights, and what its reference makes of it.
struct F32Case: ~Copyable {
    let shape: k_convolution_shape
    let block: k_f32_convolution
    let input: Memory<Float>, bias: Memory<Float>, scale: Memory<Float>
    let weights: Memory<Float>, bytes: Memory<Int8>
    let hasBias: Bool

    init(_ r: inout Random, depthwise: Bool) {
        shape = .random(&r, depthwise: depthwise)
        input = Memory(shape.inputCount)
        weights = Memory(shape.weightCount(depthwise: depthwise))
        bytes = Memory(shape.weightCount(depthwise: depthwise))
        bias = Memory(Int(shape.output_channels))
        scale = Memory(Int(shape.output_channels))
        hasBias = r.chance(80)

        // Half of the cases are tame; in the others, one value in some dozens is inf, NaN, −0, subnormal, …
        let wild = r.chance(50) ? r.int(0...4) : 0
        func value(_ range: ClosedRange<Int32>) -> Float {
            r.chance(wild) ? r.awkwardFloat() : r.unit() * r.scale(range)
        }
        let offset = r.chance(30) ? r.unit() : 0
        input.fill { value(-2...3) + offset }
        weights.fill { value(-3...1) }
        bias.fill { value(-2...2) }
        bytes.fill { r.chance(5) ? -128 : Int8(truncatingIfNeeded: r.next()) }
        scale.fill { value(-10 ... -6) }

        var b = k_f32_convolution()
        b.shape = shape
        b.input = UnsafePointer(input.base)
        b.output_min = r.chance(50) ? -.infinity : r.chance(50) ? 0 : r.unit()
        b.output_max = r.chance(50) ? .infinity : max(b.output_min, r.chance(50) ? 6 : r.unit())
        block = b
    }

    private func run(
        packedBytes: Int, scratchBytes: Int, _ output: borrowing Memory<Float>, _ function: k_function,
        pack: (UnsafeMutableRawPointer) -> Void
    ) {
        let packed = Memory<UInt8>(packedBytes)
        let scratch = Memory<UInt8>(scratchBytes)
        packed.poison(0xa5)
        scratch.poison(0xa5)
        output.poison(0xa5)
        pack(packed.raw)
        var b = block
        b.output = output.base
        b.weights = UnsafeRawPointer(packed.raw)
        b.scratch = scratch.raw
        function(&b)
    }

    private var biasOrNil: UnsafePointer<Float>? { hasBias ? UnsafePointer(bias.base) : nil }

    /// Packs, runs and leaves the output in `output`.
    func run(_ variant: k_f32_convolution_variant, _ output: borrowing Memory<Float>) {
        withUnsafePointer(to: shape) { shape in
            run(
                packedBytes: variant.packed_bytes(shape), scratchBytes: variant.scratch_bytes(shape), output, variant.run
            ) { variant.pack(shape, weights.base, biasOrNil, $0) }
        }
    }

    func run(_ variant: k_hybrid_convolution_variant, _ output: borrowing Memory<Float>) {
        withUnsafePointer(to: shape) { shape in
            run(
                packedBytes: variant.packed_bytes(shape), scratchBytes: variant.scratch_bytes(shape), output, variant.run
            ) { variant.pack(shape, bytes.base, biasOrNil, scale.base, $0) }
        }
    }
}
