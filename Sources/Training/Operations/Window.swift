import CTraining

/// How a window slides: SAME pads as TensorFlow does (the odd one after), VALID does not.
public enum Padding: String, Codable, Sendable { case same, valid }

/// Geometry of a convolution or pool: [time, frequency].
public struct WindowShape: Codable, Sendable, Equatable {
    public var kernel: [Int]
    public var stride: [Int]
    public var dilation: [Int]
    public var padding: Padding

    public init(_ kernel: [Int], stride: [Int] = [1, 1], dilation: [Int] = [1, 1], padding: Padding = .same) {
        self.kernel = kernel
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
    }

    var isPointwise: Bool { kernel == [1, 1] && stride == [1, 1] }

    /// Length that `length` becomes along an axis; 0 or less: it doesn't fit.
    public func output(_ length: Int, axis: Int) -> Int {
        let reach = (kernel[axis] - 1) * dilation[axis] + 1
        return padding == .same ? (length + stride[axis] - 1) / stride[axis] : (length - reach) / stride[axis] + 1
    }

    private func before(_ length: Int, axis: Int) -> Int {
        guard padding == .same else { return 0 }
        let reach = (kernel[axis] - 1) * dilation[axis] + 1
        return max((output(length, axis: axis) - 1) * stride[axis] + reach - length, 0) / 2
    }

    /// On an image [_, height, width, channels].
    func over(_ shape: [Int]) -> t_window {
        t_window(
            in_h: Int32(shape[1]), in_w: Int32(shape[2]), channels: Int32(shape[3]), out_h: Int32(output(shape[1], axis: 0)),
            out_w: Int32(output(shape[2], axis: 1)), kernel_h: Int32(kernel[0]), kernel_w: Int32(kernel[1]),
            stride_h: Int32(stride[0]), stride_w: Int32(stride[1]), dilation_h: Int32(dilation[0]),
            dilation_w: Int32(dilation[1]), pad_top: Int32(before(shape[1], axis: 0)), pad_left: Int32(before(shape[2], axis: 1)))
    }
}

extension t_window {
    var inputSize: Int { Int(in_h) * Int(in_w) * Int(channels) }
    var outputSize: Int { Int(out_h) * Int(out_w) * Int(channels) }
    var positions: Int { Int(out_h) * Int(out_w) }
    var taps: Int { Int(kernel_h) * Int(kernel_w) }
}
