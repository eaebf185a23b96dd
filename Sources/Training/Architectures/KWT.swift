extension Architecture {
    /// Keyword transformer (Berg et al. 2021): each frame a token, heads of 64, normalisation after each residual.
    static func kwt(_ frames: Int, _ channels: Int, _ classes: Int, width: Int, depth: Int, dropout: Float) -> [Node] {
        var net = NetworkBuilder(input: [frames, channels, 1])
        _ = net.add(.reshape([frames, 1, channels]), "reshape")
        _ = net.dense(width)
        _ = net.add(.classToken, "token")
        _ = net.add(.positions, "positions")
        for _ in 0..<depth {
            var entry = net.last
            _ = net.add(.dense(units: 3 * width, bias: false, activation: .linear), "qkv")
            _ = net.add(.attention(heads: max(width / 64, 1)), "attention")
            _ = net.dense(width)
            _ = net.add(.dropout(rate: dropout), "dropout")
            _ = net.add(.add(activation: .linear), "add", to: [net.last, entry])
            entry = net.add(.layerNorm, "norm")
            _ = net.dense(4 * width)
            _ = net.activate(.gelu)
            _ = net.dense(width)
            _ = net.add(.dropout(rate: dropout), "dropout")
            _ = net.add(.add(activation: .linear), "add", to: [net.last, entry])
            _ = net.add(.layerNorm, "norm")
        }
        _ = net.add(.first, "first")
        _ = net.dense(classes)
        return net.nodes
    }
}
