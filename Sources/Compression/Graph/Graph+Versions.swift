import ModelFormat

extension Graph {
    /// The least version of the operator that knows these types and options: tflite/tools/versioning/op_version.cc.
    func leastVersion(_ op: Operator) -> Int {
        func type(_ i: Int) -> ElementType? { i < op.inputs.count && op.inputs[i] >= 0 ? tensors[op.inputs[i]].type : nil }
        let isPerChannel = op.inputs.count > 1 && op.inputs[1] >= 0 && (tensors[op.inputs[1]].quantization?.scales.count ?? 0) > 1
        let isHybrid = type(0) == .float32 && (type(1) == .int8 || type(1) == .int4)
        let isInt8 = type(0) == .int8
        switch op.code {
        case .conv2D:
            if type(1) == .int4 { return 7 }
            // Groups: the filters are thinner than the input.
            if type(0) != nil, type(1) != nil, tensors[op.inputs[0]].shape.last != tensors[op.inputs[1]].shape.last { return 6 }
            return isHybrid ? (isPerChannel ? 5 : 2) : isInt8 ? 3 : 1
        case .depthwiseConv2D:
            if type(1) == .int4 { return 7 }
            let isDilated = op.integer("dilation_w_factor") > 1 || op.integer("dilation_h_factor") > 1
            return isHybrid ? (isPerChannel ? 6 : 4) : isInt8 ? 3 : isDilated ? 2 : 1
        case .fullyConnected:
            if isPerChannel { return 12 }
            if type(1) == .int4 { return 10 }
            if op.inputs.count < 3 || op.inputs[2] < 0 { return 6 }
            if op.integer("keep_num_dims") != 0 { return 5 }
            return isHybrid ? 3 : isInt8 ? 4 : 1
        case .quantize: return type(0) == .float32 ? 1 : 2
        case .dequantize: return type(0) == .float16 ? 3 : isInt8 ? 2 : 1
        case .add, .sub, .mul, .averagePool2D, .maxPool2D, .softmax, .concatenation, .pad, .stridedSlice, .slice, .transpose, .mean, .logistic,
            .tanh, .relu, .relu6, .leakyRelu, .split, .splitV, .minimum, .maximum, .gather, .pack, .gelu, .batchMatMul, .squaredDifference:
            return isInt8 ? 2 : 1
        default: return 1
        }
    }
}
