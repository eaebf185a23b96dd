extension Architecture {
    /// Temporal convolution residual network (Choi et al. 2019): frequencies are channels, all convolutions run over time.
    /// Width 100 is the paper's TC-ResNet8.
    static func tcResNet(_ frames: Int, _ channels: Int, _ classes: Int, width: Int, dropout: Float) -> [Node] {
        func scaled(_ count: Int) -> Int { max((count * width + 50) / 100, 1) }
        var net = NetworkBuilder(input: [frames, channels, 1])
        _ = net.add(.reshape([frames, 1, channels]), "reshape")
        _ = net.convolution(scaled(16), WindowShape([3, 1]))
        for filters in [24, 32, 48].map(scaled) {
            let entry = net.last
            _ = net.convolution(filters, WindowShape([9, 1], stride: [2, 1]))
            let long = net.convolution(filters, WindowShape([9, 1]), .linear)
            let short = net.convolution(filters, WindowShape([1, 1], stride: [2, 1]), from: entry)
            _ = net.add(.add(activation: .relu), "add", to: [long, short])
        }
        _ = net.add(.mean(time: true, frequency: true), "mean")
        _ = net.add(.dropout(rate: dropout), "dropout")
        _ = net.dense(classes)
        return net.nodes
    }
}
