import ModelFormat

/// Layers with weights. Each adds its operator and gives the index of its output tensor; shapes that don't fit are
/// programming errors.
extension Graph {
    /// An input of the model.
    public mutating func input(_ name: String, _ shape: [Int], _ type: ElementType = .float32) -> Int {
        let t = tensor(name, shape, type)
        inputs.append(t)
        return t
    }

    public mutating func output(_ tensor: Int) { outputs.append(tensor) }

    /// An activation that nobody computes yet.
    public mutating func tensor(_ name: String, _ shape: [Int], _ type: ElementType = .float32) -> Int {
        tensors.append(Tensor(name, shape, type))
        return tensors.count - 1
    }

    public mutating func constant(_ name: String, _ shape: [Int], _ values: [Float]) -> Int {
        precondition(values.count == shape.reduce(1, *), "\(name) has \(values.count) values for \(shape)")
        tensors.append(Tensor(name, shape, data: Self.bytes(values)))
        return tensors.count - 1
    }

    /// A list of int32: a shape, axes, paddings.
    public mutating func constant(_ name: String, _ shape: [Int], integers: [Int]) -> Int {
        precondition(integers.count == shape.reduce(1, *), "\(name) has \(integers.count) values for \(shape)")
        tensors.append(Tensor(name, shape, .int32, data: Self.bytes(integers.map(Int32.init))))
        return tensors.count - 1
    }

    /// Adds an operator with one output of `shape`, called `name`.
    public mutating func add(
        _ code: Code, _ inputs: [Int], shape: [Int], options: [String: Option] = [:], name: String? = nil, type: ElementType = .float32
    ) -> Int {
        let y = tensor(name ?? unused(code), shape, type)
        operators.append(Operator(code, inputs, [y], options))
        return y
    }

    func unused(_ code: Code) -> String { "\(code.name.lowercased())_\(operators.count)" }

    /// x [N,H,W,C], weights `shape` [O,kh,kw,C/groups], bias [O] → [N,H',W',O]
    public mutating func conv2D(
        _ x: Int, weights: [Float], shape: [Int], bias: [Float]? = nil, stride: (height: Int, width: Int) = (1, 1),
        dilation: (height: Int, width: Int) = (1, 1), padding: Padding = .same, activation: Activation = .none, name: String? = nil
    ) -> Int {
        precondition(tensors[x].shape.count == 4 && shape.count == 4 && tensors[x].shape[3] % shape[3] == 0, "\(tensors[x].shape) by \(shape)")
        return convolution(.conv2D, x, weights, shape, shape[0], bias, stride, dilation, padding, activation, name, [:])
    }

    /// x [N,H,W,C], weights `shape` [1,kh,kw,C·multiplier], bias [C·multiplier] → [N,H',W',C·multiplier]
    public mutating func depthwiseConv2D(
        _ x: Int, weights: [Float], shape: [Int], bias: [Float]? = nil, stride: (height: Int, width: Int) = (1, 1),
        dilation: (height: Int, width: Int) = (1, 1), padding: Padding = .same, activation: Activation = .none, name: String? = nil
    ) -> Int {
        precondition(
            tensors[x].shape.count == 4 && shape.count == 4 && shape[0] == 1 && shape[3] % tensors[x].shape[3] == 0, "\(tensors[x].shape) by \(shape)")
        let multiplier = Option.integer(shape[3] / tensors[x].shape[3])
        return convolution(
            .depthwiseConv2D, x, weights, shape, shape[3], bias, stride, dilation, padding, activation, name, ["depth_multiplier": multiplier])
    }

    private mutating func convolution(
        _ code: Code, _ x: Int, _ weights: [Float], _ shape: [Int], _ channels: Int, _ bias: [Float]?, _ stride: (height: Int, width: Int),
        _ dilation: (height: Int, width: Int), _ padding: Padding, _ activation: Activation, _ name: String?, _ more: [String: Option]
    ) -> Int {
        let name = name ?? unused(code), input = tensors[x].shape
        let w = constant(name + "/weights", shape, weights)
        let b = constant(name + "/bias", [channels], bias ?? [Float](repeating: 0, count: channels))
        let height = Self.extent(input[1], shape[1], stride.height, dilation.height, padding)
        let width = Self.extent(input[2], shape[2], stride.width, dilation.width, padding)
        var options: [String: Option] = [
            "padding": .integer(padding.rawValue), "stride_h": .integer(stride.height), "stride_w": .integer(stride.width),
            "dilation_h_factor": .integer(dilation.height), "dilation_w_factor": .integer(dilation.width),
            "fused_activation_function": .integer(activation.rawValue),
        ]
        options.merge(more) { _, new in new }
        return add(code, [x, w, b], shape: [input[0], height, width, channels], options: options, name: name)
    }

    /// Places of a window over `input` elements.
    static func extent(_ input: Int, _ window: Int, _ stride: Int, _ dilation: Int, _ padding: Padding) -> Int {
        let reach = (window - 1) * dilation + 1
        precondition(padding == .same || input >= reach, "a window of \(reach) over \(input)")
        return padding == .same ? (input + stride - 1) / stride : (input - reach) / stride + 1
    }

    /// x [..., K], weights [O,K] in rows, bias [O] → [rows,O], or [...,O] with `keepDimensions`
    public mutating func fullyConnected(
        _ x: Int, weights: [Float], outputs: Int, bias: [Float]? = nil, activation: Activation = .none, keepDimensions: Bool = false,
        name: String? = nil
    ) -> Int {
        let name = name ?? unused(.fullyConnected), inputs = weights.count / outputs
        precondition(tensors[x].count % inputs == 0 && (!keepDimensions || tensors[x].shape.last == inputs), "\(tensors[x].shape) by [\(outputs),\(inputs)]")
        let w = constant(name + "/weights", [outputs, inputs], weights)
        let b = constant(name + "/bias", [outputs], bias ?? [Float](repeating: 0, count: outputs))
        let shape = keepDimensions ? tensors[x].shape.dropLast() + [outputs] : [tensors[x].count / inputs, outputs]
        return add(
            .fullyConnected, [x, w, b], shape: shape,
            options: ["fused_activation_function": .integer(activation.rawValue), "keep_num_dims": .integer(keepDimensions ? 1 : 0)], name: name)
    }
}
