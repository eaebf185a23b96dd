import CKernels

/// A random int8 layer, and what its reference makes of it.
struct S8Case: ~Copyable {
    let shape: k_convolution_shape
    let block: k_s8_convolution
    let input: Memory<Int8>, weights: Memory<Int8>, bias: Memory<Int32>, scale: Memory<Float>
    let hasBias: Bool
    let expected: Memory<Int8>

    init(_ r: inout Random, depthwise: Bool, reference: k_s8_convolution_variant) {
        shape = .random(&r, depthwise: depthwise)
        input = Memory(shape.inputCount)
        weights = Memory(shape.weightCount(depthwise: depthwise))
        bias = Memory(Int(shape.output_channels))
        scale = Memory(Int(shape.output_channels))
        expected = Memory(shape.outputCount)
        hasBias = r.chance(80)

        let extreme = r.chance(25)
        func byte() -> Int8 { extreme ? (r.chance(50) ? -128 : 127) : Int8(truncatingIfNeeded: r.next()) }
        input.fill(byte)
        // Small weights let kernels sum several products in int16; large ones must not.
        let bound = r.chance(40) ? r.int(1...127) : 128
        weights.fill { bound < 128 ? Int8(r.int(-bound...bound)) : byte() }
        let extremeBias = r.chance(20)
        bias.fill { extremeBias ? (r.chance(50) ? .min : .max) : r.int(-20_000...20_000) }
        let wild = r.chance(15)
        scale.fill { wild ? (r.chance(50) ? r.awkwardFloat() : r.scale(-126...120)) : r.scale(-14 ... -5) }

        var b = k_s8_convolution()
        b.shape = shape
        b.input = UnsafePointer(input.base)
        b.input_zero = r.chance(20) ? -128 : r.chance(10) ? 127 : r.int(-128...127)
        b.output_zero = r.chance(20) ? -128 : r.int(-128...127)
        b.output_min = r.chance(70) ? -128 : r.int(-128...127)
        b.output_max = r.chance(70) ? 127 : r.int(b.output_min...127)
        block = b
        run(reference, expected)
    }

    /// Packs, runs and leaves the output in `output`.
    func run(_ variant: k_s8_convolution_variant, _ output: borrowing Memory<Int8>) {
        withUnsafePointer(to: shape) { shape in
            let packed = Memory<UInt8>(variant.packed_bytes(shape))
            let scratch = Memory<UInt8>(variant.scratch_bytes(shape))
            packed.poison(0xa5)
            scratch.poison(0xa5)
            output.poison(0xa5)
            variant.pack(
                shape, weights.base, hasBias ? UnsafePointer(bias.base) : nil, scale.base, block.input_zero, packed.raw)
            var b = block
            b.output = output.base
            b.weights = UnsafeRawPointer(packed.raw)
            b.scratch = scratch.raw
            variant.run(&b)
        }
    }
}
