extension Network {
    /// Takes over what a narrower network of the same layers has learnt, so that the wider one computes the same at first: its first channels are
    /// the other's, which hear nothing of the new ones; those keep their random weights (after Net2Net, Chen et al. 2016, but for new
    /// channels that are drawn instead of doubled). `left` is a layer that is not taken. How many numbers it took: none where layers differ, where
    /// one is narrower here, or where channels have places of their own, as those side by side.
    @discardableResult
    public func widen(_ narrow: Network, but left: String? = nil) -> Int {
        guard nodes.count == narrow.nodes.count, nodes.indices.allSatisfy({ canWiden($0, narrow) }) else { return 0 }
        let pairs = nodes.indices.dropFirst().filter { nodes[$0].name != left }.flatMap { i in
            ["weight", "bias"].compactMap { kind -> (mine: Matrices, theirs: Matrices)? in
                let name = "\(nodes[i].name).\(kind)"
                guard let mine = weights[name]?.value, let theirs = narrow.weights[name]?.value else { return nil }
                return (Matrices(mine, nodes[i].layer), Matrices(theirs, narrow.nodes[i].layer))
            }
        }
        guard pairs.allSatisfy({ $0.theirs.fits($0.mine) }) else { return 0 }
        for (mine, theirs) in pairs { mine.begin(with: theirs) }
        for node in nodes where node.name != left {
            guard let mine = statistics[node.name], let theirs = narrow.statistics[node.name] else { continue }
            Matrices(mine.mean, node.layer).begin(with: Matrices(theirs.mean, node.layer))
            Matrices(mine.variance, node.layer).begin(with: Matrices(theirs.variance, node.layer))
        }
        return pairs.reduce(0) { $0 + $1.theirs.tensor.count }
    }

    private func canWiden(_ i: Int, _ narrow: Network) -> Bool {
        let mine = nodes[i], theirs = narrow.nodes[i]
        guard mine.name == theirs.name, mine.inputs == theirs.inputs else { return false }
        // What comes before the first layer with weights is as wide in both.
        let isSame = mine == theirs && shapes[i] == narrow.shapes[i] && mine.inputs.allSatisfy { shapes[$0] == narrow.shapes[$0] }
        return isSame || mine.layer.canWiden && theirs.layer.canWiden
    }
}

extension Layer {
    /// Whether more channels behind those there are leave these what they were.
    fileprivate var canWiden: Bool {
        switch self {
        case .input, .convolution, .depthwise, .dense, .batchNorm, .activation, .dropout, .averagePool, .maxPool, .mean, .add, .frames: true
        case .layerNorm, .concatenate, .channels, .reshape, .attention, .classToken, .positions, .first, .fakeQuantise: false
        }
    }
}

/// Weights as [rows, taps, columns].
private struct Matrices {
    let tensor: Tensor
    let rows: Int, taps: Int, columns: Int
    /// Whether each row makes a channel of what all columns take, or else each column one of its own.
    let mixes: Bool

    init(_ tensor: Tensor, _ layer: Layer) {
        self.tensor = tensor
        let shape = tensor.shape
        mixes =
            switch layer {
            case .convolution where shape.count == 4, .dense where shape.count == 2: true
            default: false
            }
        rows = mixes ? shape[0] : 1
        columns = if case .batchNorm(let bands, _) = layer { tensor.count / bands } else { shape.last! }
        taps = tensor.count / (rows * columns)
    }

    func fits(_ wide: Matrices) -> Bool { rows <= wide.rows && taps == wide.taps && columns <= wide.columns }

    /// Of rows that both have, columns that `other` lacks are put to 0.
    func begin(with other: Matrices) {
        for row in 0..<other.rows {
            for tap in 0..<taps {
                let mine = tensor.base + (row * taps + tap) * columns
                mine.update(from: other.tensor.base + (row * taps + tap) * other.columns, count: other.columns)
                if mixes { (mine + other.columns).update(repeating: 0, count: columns - other.columns) }
            }
        }
    }
}
