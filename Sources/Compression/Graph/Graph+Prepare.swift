import ModelFormat
import Support

extension Graph {
    /// The same function in the form that quantisation wants: weights in float32, channel factors and offsets within the
    /// convolutions before them, RELU and RELU6 fused, every tensor with a name of its own.
    /// Throws `Failure` for a graph that our interpreter refuses, and for one that is quantised already.
    public func prepared() throws(Failure) -> Graph {
        // What it takes has the inputs and shapes that are relied upon from here on.
        _ = try Runner(self)
        var graph = self
        try graph.dequantizeConstants()
        for t in graph.tensors.indices where graph.tensors[t].type == .int8 && graph.tensors[t].quantization != nil {
            throw Failure(.data, "tensor \(graph.tensors[t].name)", "is int8: the model is quantised already", "give the float model that it came from")
        }
        while graph.foldOne() {}
        graph = graph.compacted()
        graph.nameApart()
        return graph
    }

    /// DEQUANTIZE of a constant (float16 or int8 weights) becomes the constant.
    private mutating func dequantizeConstants() throws(Failure) {
        var isGone = Set<Int>()
        for (i, op) in operators.enumerated() where op.code == .dequantize && tensors[op.inputs[0]].data != nil {
            let source = tensors[op.inputs[0]], y = op.outputs[0]
            switch source.type {
            case .float16: tensors[y].set(source.values(as: UInt16.self).map(Self.real))
            case .int8: tensors[y].set(WeightQuantization.reals(source))
            default: continue
            }
            isGone.insert(i)
        }
        // Hybrid operators name their int8 weights directly.
        for op in operators where WeightedLayer.codes.contains(op.code) && tensors[op.inputs[0]].type == .float32 {
            let w = op.inputs[1]
            guard w >= 0, tensors[w].type == .int8, tensors[w].data != nil, tensors[w].quantization != nil else { continue }
            tensors[w].set(WeightQuantization.reals(tensors[w]))
            tensors[w].type = .float32
            tensors[w].quantization = nil
        }
        operators = operators.enumerated().filter { !isGone.contains($0.offset) }.map(\.element)
    }

    /// IEEE 754 half precision as float32.
    static func real(_ half: UInt16) -> Float {
        let sign: Float = half & 0x8000 != 0 ? -1 : 1, exponent = Int(half >> 10 & 31), fraction = Float(half & 1023)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
        }
    }

    /// Takes one operator into the one before it; false if there is none to take.
    private mutating func foldOne() -> Bool {
        let readers = readers(), producers = producers()
        for (i, op) in operators.enumerated() {
            guard let (x, constant) = foldable(op), producers[x] >= 0, readers[x].count == 1, !outputs.contains(x) else { continue }
            let before = operators[producers[x]]
            guard before.outputs.count == 1, tensors[op.outputs[0]].shape == tensors[x].shape else { continue }
            switch op.code {
            case .relu, .relu6:
                guard Self.fusing.contains(before.code), before.activation == .none else { continue }
                operators[producers[x]].activation = op.code == .relu ? .relu : .relu6
            default:
                guard before.activation == .none, let layer = WeightedLayer(self, before),
                    let values = perChannel(constant, layer.channels)
                else { continue }
                scale(producers[x], layer, op.code == .mul ? values : nil, offset: op.code == .mul ? nil : values.map { op.code == .sub ? -$0 : $0 })
                operators[producers[x]].activation = op.activation
            }
            operators[producers[x]].outputs = op.outputs
            operators.remove(at: i)
            return true
        }
        return false
    }

    private static let fusing: [Code] = [.conv2D, .depthwiseConv2D, .fullyConnected, .add, .sub, .mul, .averagePool2D, .maxPool2D]

    /// The activation and, for MUL, ADD and SUB, the constant of an operator that may go into the one before it.
    private func foldable(_ op: Operator) -> (x: Int, constant: Int)? {
        switch op.code {
        case .relu, .relu6: return (op.inputs[0], -1)
        case .mul, .add, .sub:
            guard tensors[op.outputs[0]].type == .float32 else { return nil }
            let (a, b) = (op.inputs[0], op.inputs[1])
            if tensors[b].data != nil { return (a, b) }
            return tensors[a].data != nil && op.code != .sub ? (b, a) : nil
        default: return nil
        }
    }

    /// A constant that has one value for each channel, or one for all.
    private func perChannel(_ constant: Int, _ channels: Int) -> [Float]? {
        let tensor = tensors[constant]
        guard tensor.type == .float32 else { return nil }
        let values = tensor.values(as: Float.self)
        if values.count == 1 { return [Float](repeating: values[0], count: channels) }
        return values.count == channels && tensor.shape.last == channels ? values : nil
    }

    /// y · factor + offset, for each output channel of a layer.
    mutating func scale(_ index: Int, _ layer: WeightedLayer, _ factor: [Float]?, offset: [Float]?) {
        var bias = layer.bias?.values(as: Float.self) ?? [Float](repeating: 0, count: layer.channels)
        if let factor {
            var weights = layer.weights.values(as: Float.self)
            for i in weights.indices { weights[i] *= factor[WeightQuantization.channel(i, layer.weights.shape, layer.channelAxis)] }
            var tensor = layer.weights
            tensor.set(weights)
            operators[index].inputs[1] = append(tensor)
            for c in bias.indices { bias[c] *= factor[c] }
        }
        if let offset { for c in bias.indices { bias[c] += offset[c] } }
        setBias(index, layer, bias)
    }

    /// A bias of its own for the layer: constants may be shared.
    mutating func setBias(_ index: Int, _ layer: WeightedLayer, _ bias: [Float]) {
        let name = layer.bias?.name ?? layer.weights.name + "/bias"
        let b = append(Tensor(name, [bias.count], data: Self.bytes(bias)))
        if operators[index].inputs.count > 2 { operators[index].inputs[2] = b } else { operators[index].inputs.append(b) }
    }

    /// Ranges and reports go by names.
    private mutating func nameApart() {
        var seen = Set<String>()
        for t in tensors.indices {
            let name = tensors[t].name
            var n = 1
            while !seen.insert(tensors[t].name).inserted {
                tensors[t].name = "\(name)/\(n)"
                n += 1
            }
        }
    }
}
