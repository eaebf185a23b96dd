extension Architecture {
    /// MixConv network over time (Tan and Le 2019), as microWakeWord trains it: VALID windows only, so that every step of it can be
    /// computed as sound arrives, from what earlier steps left. Strides by three frames at its entry.
    static func mixedNet(_ frames: Int, _ channels: Int, _ classes: Int, width: Int, depth: Int, dropout: Float) -> [Node] {
        var net = NetworkBuilder(input: [frames, channels, 1])
        _ = net.add(.reshape([frames, 1, channels]), "reshape")
        _ = net.convolution(width, WindowShape([5, 1], stride: [3, 1], padding: .valid))
        let kernels = [5, 7, 9, 11]
        var length = (frames - 5) / 3 + 1
        for i in 0..<depth {
            let kernel = min(kernels[i % kernels.count], length)
            length -= kernel - 1
            _ = net.depthwise(WindowShape([kernel, 1], padding: .valid), .linear)
            _ = net.convolution(width, WindowShape([1, 1]))
        }
        _ = net.add(.mean(time: true, frequency: true), "mean")
        _ = net.add(.dropout(rate: dropout), "dropout")
        _ = net.dense(classes)
        return net.nodes
    }
}
