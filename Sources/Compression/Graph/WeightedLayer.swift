import ModelFormat

/// CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED with constant float weights.
struct WeightedLayer {
    static let codes: [Graph.Code] = [.conv2D, .depthwiseConv2D, .fullyConnected]

    let code: Graph.Code
    let weights: Graph.Tensor
    let bias: Graph.Tensor?

    init?(_ graph: Graph, _ op: Graph.Operator) {
        guard Self.codes.contains(op.code), op.inputs.count > 1, op.inputs[1] >= 0 else { return nil }
        weights = graph.tensors[op.inputs[1]]
        guard weights.type == .float32, weights.data != nil else { return nil }
        code = op.code
        bias = op.inputs.count > 2 && op.inputs[2] >= 0 ? graph.tensors[op.inputs[2]] : nil
        if let bias, bias.type != .float32 || bias.data == nil { return nil }
    }

    /// The dimension of the weights that output channels go along.
    var channelAxis: Int { code == .depthwiseConv2D ? 3 : 0 }
    var channels: Int { weights.shape[channelAxis] }
}
