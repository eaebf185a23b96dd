extension Architecture {
    /// Depthwise-separable CNN (Zhang et al., "Hello Edge", 2017): one convolution, then depthwise and pointwise ones.
    static func dsCNN(_ frames: Int, _ channels: Int, _ classes: Int, width: Int, depth: Int, dropout: Float) -> [Node] {
        var net = NetworkBuilder(input: [frames, channels, 1])
        _ = net.convolution(width, WindowShape([10, 4], stride: [2, 2]))
        for i in 0..<depth {
            // Wide spectra are narrowed once more, so that most of the work is done on a small image.
            _ = net.depthwise(WindowShape([3, 3], stride: i == 1 && channels > 20 ? [1, 2] : [1, 1]))
            _ = net.convolution(width, WindowShape([1, 1]))
        }
        _ = net.add(.mean(time: true, frequency: true), "mean")
        _ = net.add(.dropout(rate: dropout), "dropout")
        _ = net.dense(classes)
        return net.nodes
    }
}
