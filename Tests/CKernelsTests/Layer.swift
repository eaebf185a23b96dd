import CKernels

/// A layer in plain arrays, and the arithmetic of the references written anew: index by index, with
/// bounds checks instead of tap ranges, in wide integers. Slow, and obvious.
struct Layer {
    var batches = 1
    var input = (height: 1, width: 1, channels: 1)
    var output = (height: 1, width: 1, channels: 1)
    var kernel = (height: 1, width: 1)
    var stride = (height: 1, width: 1)
    var dilation = (height: 1, width: 1)
    var pad = (top: 0, left: 0)
    var groups = 1
    var depthwise = false

    var shape: k_convolution_shape {
        var s = k_convolution_shape()
        s.batches = Int32(batches)
        s.input_height = Int32(input.height)
        s.input_width = Int32(input.width)
        s.input_channels = Int32(input.channels)
        s.output_height = Int32(output.height)
        s.output_width = Int32(output.width)
        s.output_channels = Int32(output.channels)
        s.kernel_height = Int32(kernel.height)
        s.kernel_width = Int32(kernel.width)
        s.stride_height = Int32(stride.height)
        s.stride_width = Int32(stride.width)
        s.dilation_height = Int32(dilation.height)
        s.dilation_width = Int32(dilation.width)
        s.pad_top = Int32(pad.top)
        s.pad_left = Int32(pad.left)
        s.groups = Int32(depthwise ? input.channels : groups)
        s.input_pixel_stride = Int32(input.channels)
        s.input_row_stride = Int32(input.channels * input.width)
        return s
    }

    var inputCount: Int { batches * input.height * input.width * input.channels }
    var outputCount: Int { batches * output.height * output.width * output.channels }
    var weightCount: Int {
        output.channels * kernel.height * kernel.width * (depthwise ? 1 : input.channels / groups)
    }

    /// Calls `body(output index, channel, [(input index or nil in the padding, weight index)])`.
    func forEachOutput(_ body: (Int, Int, [(x: Int?, w: Int)]) -> Void) {
        let filterInputs = depthwise ? 1 : input.channels / groups
        for n in 0..<batches {
            for oy in 0..<output.height {
                for ox in 0..<output.width {
                    for c in 0..<output.channels {
                        var taps: [(x: Int?, w: Int)] = []
                        for ky in 0..<kernel.height {
                            for kx in 0..<kernel.width {
                                for i in 0..<filterInputs {
                                    let iy = oy * stride.height - pad.top + ky * dilation.height
                                    let ix = ox * stride.width - pad.left + kx * dilation.width
                                    let ic =
                                        depthwise
                                        ? c / (output.channels / input.channels)
                                        : c / (output.channels / groups) * filterInputs + i
                                    let inside = (0..<input.height).contains(iy) && (0..<input.width).contains(ix)
                                    let w =
                                        depthwise
                                        ? (ky * kernel.width + kx) * output.channels + c
                                        : ((c * kernel.height + ky) * kernel.width + kx) * filterInputs + i
                                    let x = ((n * input.height + iy) * input.width + ix) * input.channels + ic
                                    taps.append((inside ? x : nil, w))
                                }
                            }
                        }
                        body(((n * output.height + oy) * output.width + ox) * output.channels + c, c, taps)
                    }
                }
            }
        }
    }

    static let awkward: [Layer] = [
        Layer(input: (1, 1, 64), output: (1, 1, 12)),
        Layer(batches: 2, input: (5, 4, 3), output: (5, 4, 7), kernel: (3, 3), pad: (1, 1)),
        Layer(input: (9, 7, 4), output: (4, 3, 6), kernel: (3, 2), stride: (2, 3), dilation: (1, 2), pad: (0, 2), groups: 2),
        Layer(input: (6, 6, 5), output: (6, 6, 5), kernel: (3, 3), pad: (1, 1), depthwise: true),
        Layer(input: (4, 5, 3), output: (2, 2, 12), kernel: (2, 3), stride: (2, 2), pad: (0, 1), depthwise: true),
    ]
}

/// A small generator, the same numbers in every run.
struct Numbers {
    private var state: UInt32 = 12345
    mutating func int(_ range: ClosedRange<Int>) -> Int {
        state = state &* 1_664_525 &+ 1_013_904_223
        return range.lowerBound + Int(state >> 8) % range.count
    }
}

/// Runs a reference over arrays.
func withPacked(_ bytes: Int, _ scratchBytes: Int, _ body: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void) {
    let packed = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes + 1, alignment: 64)
    defer {
        packed.deallocate()
        scratch.deallocate()
    }
    body(packed, scratch)
}

extension Layer {
    func s8(
        _ x: [Int8], _ w: [Int8], _ bias: [Int32], _ scale: [Float], zeros: (input: Int32, output: Int32) = (0, 0),
        range: ClosedRange<Int32> = -128...127
    ) -> [Int8] {
        let variant = (depthwise ? k_s8_depthwise_variant_at(0) : k_s8_convolution_variant_at(0))!.pointee
        var y = [Int8](repeating: 0, count: outputCount)
        var shape = shape
        withPacked(variant.packed_bytes(&shape), variant.scratch_bytes(&shape)) { packed, scratch in
            variant.pack(&shape, w, bias, scale, zeros.input, packed)
            x.withUnsafeBufferPointer { x in
                y.withUnsafeMutableBufferPointer { y in
                    var b = k_s8_convolution(
                        shape: shape, input: x.baseAddress, output: y.baseAddress, weights: packed, scratch: scratch,
                        input_zero: zeros.input, output_zero: zeros.output, output_min: range.lowerBound,
                        output_max: range.upperBound)
                    variant.run(&b)
                }
            }
        }
        return y
    }

    private func float(
        _ x: [Float], _ low: Float, _ high: Float, _ packedBytes: Int, _ scratchBytes: Int, _ run: k_function,
        pack: (UnsafeMutableRawPointer) -> Void
    ) -> [Float] {
        var y = [Float](repeating: 0, count: outputCount)
        withPacked(packedBytes, scratchBytes) { packed, scratch in
            pack(packed)
            x.withUnsafeBufferPointer { x in
                y.withUnsafeMutableBufferPointer { y in
                    var b = k_f32_convolution(
                        shape: shape, input: x.baseAddress, output: y.baseAddress, weights: packed, scratch: scratch,
                        output_min: low, output_max: high)
                    run(&b)
                }
            }
        }
        return y
    }

    func f32(_ x: [Float], _ w: [Float], _ bias: [Float], low: Float = -.infinity, high: Float = .infinity) -> [Float] {
        let v = (depthwise ? k_f32_depthwise_variant_at(0) : k_f32_convolution_variant_at(0))!.pointee
        var s = shape
        return float(x, low, high, v.packed_bytes(&s), v.scratch_bytes(&s), v.run) { v.pack(&s, w, bias, $0) }
    }

    func hybrid(_ x: [Float], _ w: [Int8], _ bias: [Float], _ scale: [Float]) -> [Float] {
        let v = k_hybrid_convolution_variant_at(0)!.pointee
        var s = shape
        return float(x, -.infinity, .infinity, v.packed_bytes(&s), v.scratch_bytes(&s), v.run) {
            v.pack(&s, w, bias, scale, $0)
        }
    }
}
