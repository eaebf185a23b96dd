extension Architecture {
    /// Time-channel separable network (Majumdar and Ginsburg 2020): frequencies are channels; blocks of two separable convolutions over
    /// time, each block with a residual that a 1×1 convolution fits. `width` channels, twice as many at either end; `depth` blocks.
    /// Its first window strides by two frames: half the work, and a frame of 20 ms is finer than speech needs.
    static func matchboxNet(_ frames: Int, _ channels: Int, _ classes: Int, width: Int, depth: Int, dropout: Float) -> [Node] {
        var net = NetworkBuilder(input: [frames, channels, 1])
        _ = net.add(.reshape([frames, 1, channels]), "reshape")
        _ = net.depthwise(WindowShape([11, 1], stride: [2, 1]), .linear)
        _ = net.convolution(2 * width, WindowShape([1, 1]))
        for block in 0..<depth {
            let entry = net.last
            let kernel = WindowShape([13 + 2 * block, 1])
            _ = net.depthwise(kernel, .linear)
            _ = net.convolution(width, WindowShape([1, 1]))
            _ = net.depthwise(kernel, .linear)
            let long = net.convolution(width, WindowShape([1, 1]), .linear)
            let short = net.convolution(width, WindowShape([1, 1]), .linear, from: entry)
            _ = net.add(.add(activation: .relu), "add", to: [long, short])
        }
        _ = net.depthwise(WindowShape([15, 1], dilation: [2, 1]), .linear)
        _ = net.convolution(2 * width, WindowShape([1, 1]))
        _ = net.convolution(2 * width, WindowShape([1, 1]))
        _ = net.add(.mean(time: true, frequency: true), "mean")
        _ = net.add(.dropout(rate: dropout), "dropout")
        _ = net.dense(classes)
        return net.nodes
    }
}
