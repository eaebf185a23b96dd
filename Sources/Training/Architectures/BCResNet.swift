extension Architecture {
    /// Broadcasted residual network (Kim et al. 2021): two-dimensional features of frequency, one-dimensional ones of time that are
    /// added back to all frequencies. Width 100 is the paper's BC-ResNet-1. ReLU stands for its swish, which integers do worse and slower.
    ///
    /// With VALID padding, windows over time are so up to the second stage: they make 16 frames fewer than they are given, so that
    /// the window of sound should be longer by as many. Behind them dilations are too large for that.
    static func bcResNet(
        _ frames: Int, _ channels: Int, _ classes: Int, width: Int, dropout: Float, bands: Int, padding: Padding
    ) -> [Node] {
        func scaled(_ count: Int) -> Int { max((count * width + 50) / 100, 1) }
        var net = NetworkBuilder(input: [frames, channels, 1])
        var filters = scaled(16)
        _ = net.convolution(filters, WindowShape([5, 5], stride: [1, 2], padding: padding))
        var length = padding == .valid ? frames - 4 : frames
        let stages: [(filters: Int, blocks: Int, stride: Int)] = [(8, 2, 1), (12, 2, 2), (16, 4, 2), (20, 4, 1)]
        for (stage, (wanted, blocks, stride)) in stages.enumerated() {
            let dilation = 1 << stage, padding = stage < 2 ? padding : .same
            for block in 0..<blocks {
                let isTransition = block == 0
                let entry = net.last
                if isTransition {
                    filters = scaled(wanted)
                    _ = net.convolution(filters, WindowShape([1, 1]))
                }
                // Frequency.
                let spectral = net.depthwise(
                    WindowShape([1, 3], stride: [1, isTransition ? stride : 1]), .linear, bands: bands)
                // Time.
                _ = net.add(.mean(time: false, frequency: true), "mean")
                _ = net.depthwise(WindowShape([3, 1], dilation: [dilation, 1], padding: padding))
                _ = net.add(.convolution(filters: filters, window: WindowShape([1, 1]), bias: true, activation: .linear), "conv")
                let temporal = net.add(.dropout(rate: dropout), "dropout")
                // One sum at a time: each has a range of its own.
                switch padding {
                case .same where isTransition: _ = net.add(.add(activation: .relu), "add", to: [spectral, temporal])
                case .same:
                    let both = net.add(.add(activation: .linear), "add", to: [spectral, temporal])
                    _ = net.add(.add(activation: .relu), "add", to: [both, entry])
                case .valid:
                    let both = isTransition ? spectral : net.add(.add(activation: .linear), "add", to: [spectral, entry])
                    length -= 2 * dilation
                    let middle = net.add(.frames(from: dilation, count: length), "frames", to: [both])
                    _ = net.add(.add(activation: .relu), "add", to: [middle, temporal])
                }
            }
        }
        _ = net.depthwise(WindowShape([5, 5]), .linear)
        _ = net.convolution(scaled(32), WindowShape([1, 1]))
        _ = net.add(.mean(time: true, frequency: true), "mean")
        _ = net.dense(classes)
        return net.nodes
    }
}
