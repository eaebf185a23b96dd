import CKernels

extension k_convolution_shape {
    /// A random shape with awkward sizes: 1, primes, tails of every tile, patches wholly outside the
    /// image, channel slices of wider tensors; little enough work for a reference.
    static func random(_ r: inout Random, depthwise: Bool) -> k_convolution_shape {
        while true {
            let s = candidate(&r, depthwise: depthwise)
            if s.work(depthwise: depthwise) < 60_000 { return s }
        }
    }

    private static func candidate(_ r: inout Random, depthwise: Bool) -> k_convolution_shape {
        var s = k_convolution_shape()
        s.batches = r.chance(20) ? r.int(2...3) : 1
        if depthwise {
            s.input_channels = channels(&r)
            s.groups = s.input_channels
            s.output_channels = s.input_channels * (r.chance(60) ? 1 : r.int(2...9))
        } else {
            s.groups = r.chance(75) ? 1 : r.int(2...5)
            s.input_channels = s.groups * channels(&r)
            s.output_channels = s.groups * channels(&r)
        }
        s.stride_height = 1
        s.stride_width = 1
        s.dilation_height = 1
        s.dilation_width = 1
        s.kernel_height = 1
        s.kernel_width = 1
        s.input_height = r.int(1...9)
        s.input_width = r.int(1...9)
        s.output_height = s.input_height
        s.output_width = s.input_width
        if r.chance(20) {
            // A streaming model's layer: the newest frame from those that reach it, read where they stand.
            s.input_width = 1
            s.output_width = 1
            s.kernel_height = s.input_height
            s.output_height = 1
            s.input_pixel_stride = s.input_channels + (depthwise && r.chance(25) ? r.int(1...9) : 0)
            s.input_row_stride = s.input_pixel_stride
            return s
        }
        if depthwise && r.chance(10) {
            // The first layer of a spectrogram's model.
            s.input_channels = 1
            s.groups = 1
            s.output_channels = r.int(1...20)
            s.input_width = r.int(12...24)
            axis(&r, s.input_height, &s.kernel_height, &s.stride_height, &s.dilation_height, &s.pad_top, &s.output_height)
            s.kernel_width = 8
            s.stride_width = r.int(1...2)
            s.pad_left = r.int(0...7)
            s.output_width = (s.input_width + s.pad_left + r.int(0...7) - 8) / s.stride_width + 1
            s.input_pixel_stride = 1
            s.input_row_stride = s.input_width
            return s
        }
        if depthwise && r.chance(10) {
            // A narrow MobileNet's first: eight channels, stride 1 along rows.
            s.input_channels = 8
            s.groups = 8
            s.output_channels = 8
            axis(&r, s.input_height, &s.kernel_height, &s.stride_height, &s.dilation_height, &s.pad_top, &s.output_height)
            s.kernel_height = 3
            s.dilation_height = 1
            s.kernel_width = 3
            s.input_width = r.int(1...14)
            s.pad_left = r.int(0...1)
            s.output_width = max(1, s.input_width + s.pad_left + r.int(0...2) - 2)
            s.input_pixel_stride = 8
            s.input_row_stride = 8 * s.input_width
            return s
        }
        if r.chance(depthwise ? 10 : 20) {
            line(&r, &s, depthwise)
            return s
        }
        // A third are pointwise: matrix products straight from the input.
        if r.chance(67) {
            axis(&r, s.input_height, &s.kernel_height, &s.stride_height, &s.dilation_height, &s.pad_top, &s.output_height)
            axis(&r, s.input_width, &s.kernel_width, &s.stride_width, &s.dilation_width, &s.pad_left, &s.output_width)
        }
        s.input_pixel_stride = s.input_channels + (r.chance(25) ? r.int(1...9) : 0)
        s.input_row_stride = s.input_pixel_stride * s.input_width + (r.chance(15) ? r.int(1...9) : 0)
        return s
    }

    /// A window that slides along a line, over time or along rows; now and then one that does not fit the stack. Half of those of
    /// depthwise layers have lines of taps abreast, few enough for a reference; others have but one line, and many are rejected.
    private static func line(_ r: inout Random, _ s: inout k_convolution_shape, _ depthwise: Bool) {
        let isWide = depthwise && r.chance(50)
        if depthwise {
            s.input_channels = isWide ? (r.chance(70) ? 16 : 31) : r.chance(20) ? 16 : r.int(16...50)
            s.groups = s.input_channels
            s.output_channels = s.input_channels
        } else {
            s.input_width = 1
            s.output_width = 1
        }
        let pixels: Int32 = isWide ? r.int(9...16) : r.chance(10) ? r.int(500...700) : r.int(10...80)
        let taps: Int32 = isWide ? r.int(3...7) : r.chance(90) ? r.int(2...16) : r.int(17...34)
        let stride: Int32 = r.chance(60) ? 1 : r.int(2...3), dilation: Int32 = isWide || r.chance(70) ? 1 : r.int(2...5)
        let pad: Int32 = r.chance(30) ? 0 : r.int(0...((taps - 1) * dilation + 2))
        let outputs = max(0, pixels + pad + r.int(0...9) - (taps - 1) * dilation - 1) / stride + 1
        (s.input_height, s.kernel_height, s.stride_height, s.dilation_height, s.pad_top, s.output_height) = (pixels, taps, stride, dilation, pad, outputs)
        if isWide {
            s.input_width = r.int(7...16)
            axis(&r, s.input_width, &s.kernel_width, &s.stride_width, &s.dilation_width, &s.pad_left, &s.output_width)
        }
        if r.chance(40) {
            swap(&s.input_height, &s.input_width)
            swap(&s.kernel_height, &s.kernel_width)
            swap(&s.stride_height, &s.stride_width)
            swap(&s.dilation_height, &s.dilation_width)
            swap(&s.pad_top, &s.pad_left)
            swap(&s.output_height, &s.output_width)
        }
        s.input_pixel_stride = s.input_channels + (r.chance(15) ? r.int(1...9) : 0)
        s.input_row_stride = s.input_pixel_stride * s.input_width
    }

    private static func channels(_ r: inout Random) -> Int32 {
        switch r.int(0...3) {
        case 0: r.int(1...4)
        case 1: r.int(5...18)
        case 2: 8 * r.int(1...8)
        default: r.int(19...67)
        }
    }

    private static func axis(
        _ r: inout Random, _ size: Int32, _ kernel: inout Int32, _ stride: inout Int32, _ dilation: inout Int32,
        _ pad: inout Int32, _ output: inout Int32
    ) {
        kernel = r.chance(40) ? 3 : r.int(1...6)
        stride = r.chance(60) ? 1 : r.int(2...4)
        dilation = r.chance(70) ? 1 : r.int(2...4)
        let reach = (kernel - 1) * dilation + 1
        pad = r.chance(40) ? 0 : r.chance(80) ? r.int(0...(reach - 1)) : r.int(0...(2 * reach))
        let padded = size + pad + (r.chance(50) ? 0 : r.int(0...reach))
        output = r.chance(90) ? max(0, (padded - reach)) / stride + 1 : r.int(1...7)
    }

    private func work(depthwise: Bool) -> Int {
        let taps = Int(kernel_height) * Int(kernel_width) * (depthwise ? 1 : Int(input_channels / groups))
        return outputCount * taps + outputCount
    }

    /// Elements of the input, to the last one that may be read.
    var inputCount: Int {
        (Int(batches) * Int(input_height) - 1) * Int(input_row_stride)
            + (Int(input_width) - 1) * Int(input_pixel_stride) + Int(input_channels)
    }

    var outputCount: Int { Int(batches) * Int(output_height) * Int(output_width) * Int(output_channels) }

    func weightCount(depthwise: Bool) -> Int {
        Int(kernel_height) * Int(kernel_width) * Int(output_channels)
            * (depthwise ? 1 : Int(input_channels / groups))
    }
}
