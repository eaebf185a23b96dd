import CKernels
import ModelFormat
import Support

extension OperatorDefinition {
    /// input [N,H,W,C], weights [O,kh,kw,C/groups], bias [O]? → [N,H',W',O]
    static let conv2D = OperatorDefinition(
        code: 3,
        layout: { node, layout throws(Failure) in try ConvolutionLayer(conv2D: node).layout(node, &layout) },
        emit: { node, emitter throws(Failure) in try ConvolutionLayer(conv2D: node).emit(node, &emitter) })

    /// input [N,H,W,C], weights [1,kh,kw,C·multiplier], bias [C·multiplier]? → [N,H',W',C·multiplier]
    static let depthwiseConv2D = OperatorDefinition(
        code: 4,
        layout: { node, layout throws(Failure) in try ConvolutionLayer(depthwise: node).layout(node, &layout) },
        emit: { node, emitter throws(Failure) in try ConvolutionLayer(depthwise: node).emit(node, &emitter) })

    /// input [..., K], weights [O,K], bias [O]? → [rows, O], or [..., O] with keep_num_dims
    static let fullyConnected = OperatorDefinition(
        code: 9,
        layout: { node, layout throws(Failure) in
            #if TRANSFORMERS
            if let product = try MatrixProduct(fullyConnected: node) { return try product.layout(node, &layout) }
            #else
            if node.constants[try node.inputIndex(1)] == nil { throw node.leftOut() }
            #endif
            try ConvolutionLayer(fullyConnected: node).layout(node, &layout)
        },
        emit: { node, emitter throws(Failure) in
            #if TRANSFORMERS
            if let product = try MatrixProduct(fullyConnected: node) { return try product.emit(node, &emitter) }
            #endif
            try ConvolutionLayer(fullyConnected: node).emit(node, &emitter)
        })
}

/// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: one shape, three ways to describe it in a file.
struct ConvolutionLayer {
    enum Arithmetic { case int8, float32, hybrid }

    var shape = k_convolution_shape()
    let isDepthwise: Bool
    let activation: Activation
    let arithmetic: Arithmetic
    /// The dimension of the weights that a per-channel scale goes along.
    private let channelAxis: Int

    init(conv2D node: Node) throws(Failure) {
        let input = try node.input(0), weights = try node.input(1), output = try node.output()
        guard input.shape.count == 4, weights.shape.count == 4, output.shape.count == 4 else {
            throw node.damaged("input, weights and output must have 4 dimensions")
        }
        isDepthwise = false
        channelAxis = 0
        activation = try Activation(try node.op.choice(3), node)
        arithmetic = try Self.arithmetic(node)
        let channels = weights.shape[3]
        guard channels > 0, input.shape[3] % channels == 0 else {
            throw node.damaged("\(input.shape[3]) input channels don't divide into filters of \(channels)")
        }
        let groups = input.shape[3] / channels
        guard groups > 0, weights.shape[0] % groups == 0 else {
            throw node.damaged("\(weights.shape[0]) filters don't divide into \(groups) groups")
        }
        shape.groups = Int32(groups)
        try window(
            node, kernel: (weights.shape[1], weights.shape[2]), outputChannels: weights.shape[0],
            strides: (try node.op.option(2), try node.op.option(1)),
            dilation: (try node.op.option(5, 1), try node.op.option(4, 1)), padding: try node.op.choice(0))
        try checkBias(node)
    }

    init(depthwise node: Node) throws(Failure) {
        let input = try node.input(0), weights = try node.input(1), output = try node.output()
        guard input.shape.count == 4, weights.shape.count == 4, output.shape.count == 4, weights.shape[0] == 1 else {
            throw node.damaged("input, weights and output must have 4 dimensions")
        }
        isDepthwise = true
        channelAxis = 3
        activation = try Activation(try node.op.choice(4), node)
        // TFLite quantises the input of a hybrid depthwise convolution too, XNNPACK has none: few weights
        // are worth no such loss, so here they become floats once.
        let given = try Self.arithmetic(node)
        arithmetic = given == .hybrid ? .float32 : given
        guard input.shape[3] > 0, weights.shape[3] > 0, weights.shape[3] % input.shape[3] == 0 else {
            throw node.damaged("\(weights.shape[3]) filters for \(input.shape[3]) channels")
        }
        shape.groups = Int32(input.shape[3])
        try window(
            node, kernel: (weights.shape[1], weights.shape[2]), outputChannels: weights.shape[3],
            strides: (try node.op.option(2), try node.op.option(1)),
            dilation: (try node.op.option(6, 1), try node.op.option(5, 1)), padding: try node.op.choice(0))
        try checkBias(node)
    }

    init(fullyConnected node: Node) throws(Failure) {
        let input = try node.input(0), weights = try node.input(1), output = try node.output()
        guard weights.shape.count == 2, weights.shape[0] > 0, weights.shape[1] > 0, input.count > 0,
            input.count % weights.shape[1] == 0
        else { throw node.damaged("input \(node.text(input.shape)) for weights \(node.text(weights.shape))") }
        guard try node.op.choice(1) == 0 else { throw node.refuse("weights are shuffled", "export with default weights") }
        isDepthwise = false
        channelAxis = 0
        activation = try Activation(try node.op.choice(0), node)
        arithmetic = try Self.arithmetic(node)
        let rows = input.count / weights.shape[1]
        guard output.count == rows * weights.shape[0] else {
            throw node.damaged("computes \(rows)×\(weights.shape[0]), the file says \(node.text(output.shape))")
        }
        shape.batches = 1
        shape.input_height = 1
        shape.output_height = 1
        shape.input_width = Int32(rows)
        shape.output_width = Int32(rows)
        shape.input_channels = Int32(weights.shape[1])
        shape.output_channels = Int32(weights.shape[0])
        shape.kernel_height = 1
        shape.kernel_width = 1
        shape.stride_height = 1
        shape.stride_width = 1
        shape.dilation_height = 1
        shape.dilation_width = 1
        shape.groups = 1
        shape.input_pixel_stride = shape.input_channels
        shape.input_row_stride = Int32(input.count)
        try checkBias(node)
    }

    private static func arithmetic(_ node: Node) throws(Failure) -> Arithmetic {
        _ = try node.constant(1)
        switch (try node.input(0).type, try node.input(1).type, try node.output().type) {
        case (.int8, .int8, .int8): return .int8
        case (.float32, .float32, .float32): return .float32
        case (.float32, .int8, .float32): return .hybrid
        default: throw node.unsupported("int8, float32, float32 with int8 weights")
        }
    }

    /// Sets the window's sizes and the padding, and checks the output's shape against them.
    private mutating func window(
        _ node: Node, kernel: (Int, Int), outputChannels: Int, strides: (Int, Int), dilation: (Int, Int), padding: Int
    ) throws(Failure) {
        let input = try node.input(0).shape
        let vertical = if let part = node.window { part } else { try Window(node, input[1], kernel.0, strides.0, dilation.0, padding) }
        let horizontal = try Window(node, input[2], kernel.1, strides.1, dilation.1, padding)
        try node.expect([input[0], vertical.output, horizontal.output, outputChannels])
        shape.batches = Int32(input[0])
        shape.input_height = Int32(input[1])
        shape.input_width = Int32(input[2])
        shape.input_channels = Int32(input[3])
        shape.output_height = Int32(vertical.output)
        shape.output_width = Int32(horizontal.output)
        shape.output_channels = Int32(outputChannels)
        shape.kernel_height = Int32(kernel.0)
        shape.kernel_width = Int32(kernel.1)
        shape.stride_height = Int32(strides.0)
        shape.stride_width = Int32(strides.1)
        shape.dilation_height = Int32(dilation.0)
        shape.dilation_width = Int32(dilation.1)
        shape.pad_top = Int32(vertical.padding)
        shape.pad_left = Int32(horizontal.padding)
        shape.input_pixel_stride = Int32(input[3])
        shape.input_row_stride = Int32(input[2] * input[3])
    }

    private func checkBias(_ node: Node) throws(Failure) {
        guard node.hasInput(2) else { return }
        let bias = try node.input(2)
        guard bias.count == Int(shape.output_channels) else {
            throw node.damaged("\(bias.count) biases for \(shape.output_channels) channels")
        }
        guard bias.type == (arithmetic == .int8 ? .int32 : .float32) else { throw node.unsupported("int32 or float32 bias") }
        _ = try node.constant(2)
    }

    func layout(_ node: Node, _ layout: inout Layout) throws(Failure) {
        let taps = UInt64(shape.kernel_height) * UInt64(shape.kernel_width)
            * UInt64(isDepthwise ? 1 : shape.input_channels / shape.groups)
        layout.macs = UInt64(try node.output().count).multipliedReportingOverflow(by: taps).partialValue
        switch arithmetic {
        case .int8: try checkScales(node)
        case .float32: if try node.input(1).type == .int8 { try checkWeights(node) }
        case .hybrid: try checkWeights(node)
        }
        layout.scratch = scratchBytes(shape, layout.cpu)
        // A hybrid's input has one scale, which any row may change.
        if arithmetic != .hybrid && shape.batches == 1 && shape.input_height > 1 && shape.output_height > 1 {
            layout.rowWindow = Layout.RowWindow(
                reach: Int((shape.kernel_height - 1) * shape.dilation_height) + 1, stride: Int(shape.stride_height), padding: Int(shape.pad_top))
        }
        if isDepthwise && shape.batches == 1 {
            var apart = shape
            apart.input_pixel_stride += 1
            apart.input_row_stride += apart.input_width
            layout.takesChannelSlices = scratchBytes(apart, layout.cpu) <= layout.scratch
        }
    }

    private func scratchBytes(_ shape: k_convolution_shape, _ cpu: UInt32) -> Int {
        withUnsafePointer(to: shape) {
            switch arithmetic {
            case .int8: int8Variant(cpu).pointee.scratch_bytes($0)
            case .float32: float32Variant(cpu).pointee.scratch_bytes($0)
            case .hybrid: k_hybrid_convolution_best(cpu).pointee.scratch_bytes($0)
            }
        }
    }

    private func int8Variant(_ cpu: UInt32) -> UnsafePointer<k_s8_convolution_variant> {
        isDepthwise ? k_s8_depthwise_best(cpu) : k_s8_convolution_best(cpu)
    }

    private func float32Variant(_ cpu: UInt32) -> UnsafePointer<k_f32_convolution_variant> {
        isDepthwise ? k_f32_depthwise_best(cpu) : k_f32_convolution_best(cpu)
    }

    private func checkScales(_ node: Node) throws(Failure) {
        _ = try node.quantization(try node.input(0))
        _ = try node.quantization(try node.output())
        try checkWeights(node)
    }

    private func checkWeights(_ node: Node) throws(Failure) {
        let weights = try node.input(1)
        let q = try node.quantization(weights, perChannel: true)
        guard !q.isPerChannel || q.axis == channelAxis else {
            throw node.refuse("weights are quantised along dimension \(q.axis)", "quantise them along dimension \(channelAxis)")
        }
        for i in 0..<q.zeroPoints.count where q.zeroPoints[i] != 0 {
            throw node.refuse("weights have a zero point", "quantise them symmetrically")
        }
    }

    func emit(_ node: Node, _ emitter: inout Emitter) throws(Failure) {
        switch arithmetic {
        case .int8: try emitInt8(node, &emitter)
        case .float32: try emitFloat32(node, &emitter)
        case .hybrid: try emitHybrid(node, &emitter)
        }
    }

    private func emitInt8(_ node: Node, _ emitter: inout Emitter) throws(Failure) {
        let input = try node.quantization(try node.input(0))
        let output = try node.quantization(try node.output())
        let weights = try node.quantization(try node.input(1), perChannel: true)
        var scales: [Float] = []
        for c in 0..<Int(shape.output_channels) {
            scales.append(input.scale * weights.scales[weights.isPerChannel ? c : 0] / output.scale)
        }

        let variant = int8Variant(emitter.cpu)
        var shape = placed(node, emitter)
        let bytes = variant.pointee.packed_bytes(&shape)
        var packed = try emitter.weights(bytes)
        variant.pointee.pack(
            &shape, try emitter.constant(node, 1, as: Int8.self),
            node.hasInput(2) ? try emitter.constant(node, 2, as: Int32.self) : nil, scales, Int32(input.zeroPoint), packed)
        packed = emitter.once(node, packed, bytes)

        let range = activation.int8Range(output)
        let block = k_s8_convolution(
            shape: placed(node, emitter), input: try emitter.input(node, 0).assumingMemoryBound(to: Int8.self),
            output: try emitter.output(node).assumingMemoryBound(to: Int8.self), weights: packed, scratch: emitter.scratch,
            input_zero: Int32(input.zeroPoint), output_zero: Int32(output.zeroPoint), output_min: range.low,
            output_max: range.high)
        try emitter.call(node, variant.pointee.name, variant.pointee.run, block)
    }

    private func emitFloat32(_ node: Node, _ emitter: inout Emitter) throws(Failure) {
        let variant = float32Variant(emitter.cpu)
        var shape = placed(node, emitter)
        let bytes = variant.pointee.packed_bytes(&shape)
        var packed = try emitter.weights(bytes)
        let bias = node.hasInput(2) ? try emitter.constant(node, 2, as: Float.self) : nil
        if try node.input(1).type == .int8 {
            variant.pointee.pack(&shape, try dequantizedWeights(node), bias, packed)
        } else {
            variant.pointee.pack(&shape, try emitter.constant(node, 1, as: Float.self), bias, packed)
        }
        packed = emitter.once(node, packed, bytes)
        try emitter.call(node, variant.pointee.name, variant.pointee.run, try float32Block(node, &emitter, packed))
    }

    /// Depthwise weights [1,kh,kw,O] as floats.
    private func dequantizedWeights(_ node: Node) throws(Failure) -> [Float] {
        let tensor = try node.input(1)
        let weights = try node.quantization(tensor, perChannel: true)
        let stored = try node.constant(1)
        var result: [Float] = []
        result.reserveCapacity(tensor.count)
        for i in 0..<tensor.count {
            let scale = weights.scales[weights.isPerChannel ? i % weights.scales.count : 0]
            result.append(Float(stored.load(fromByteOffset: i, as: Int8.self)) * scale)
        }
        return result
    }

    private func emitHybrid(_ node: Node, _ emitter: inout Emitter) throws(Failure) {
        let weights = try node.quantization(try node.input(1), perChannel: true)
        var scales: [Float] = []
        for c in 0..<Int(shape.output_channels) { scales.append(weights.scales[weights.isPerChannel ? c : 0]) }

        let variant = k_hybrid_convolution_best(emitter.cpu)!
        var shape = placed(node, emitter)
        let bytes = variant.pointee.packed_bytes(&shape)
        var packed = try emitter.weights(bytes)
        variant.pointee.pack(
            &shape, try emitter.constant(node, 1, as: Int8.self),
            node.hasInput(2) ? try emitter.constant(node, 2, as: Float.self) : nil, scales, packed)
        packed = emitter.once(node, packed, bytes)
        try emitter.call(node, variant.pointee.name, variant.pointee.run, try float32Block(node, &emitter, packed))
    }

    /// The shape with the input's pixels where they stand.
    private func placed(_ node: Node, _ emitter: borrowing Emitter) -> k_convolution_shape {
        var shape = shape
        let stride = emitter.pixelStride(node.op.inputs[0])
        if stride > 0 {
            shape.input_pixel_stride = Int32(stride / (arithmetic == .int8 ? 1 : 4))
            shape.input_row_stride = shape.input_pixel_stride * shape.input_width
        }
        return shape
    }

    private func float32Block(
        _ node: Node, _ emitter: inout Emitter, _ packed: UnsafeRawPointer
    ) throws(Failure) -> k_f32_convolution {
        let range = activation.range
        return k_f32_convolution(
            shape: placed(node, emitter), input: try emitter.input(node, 0).assumingMemoryBound(to: Float.self),
            output: try emitter.output(node).assumingMemoryBound(to: Float.self), weights: packed, scratch: emitter.scratch,
            output_min: range.low, output_max: range.high)
    }
}
