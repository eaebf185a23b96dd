import Support

extension Network {
    /// A folded network that sees its weights and activations through integers: what quantisation-aware training trains.
    /// The input is int8 already. Values that only move (reshape, slices, pools of the largest) keep their range.
    public func quantisationAware(bits: Int = 8, learnt: Bool = false) throws(Failure) -> Network {
        var list: [Node] = []
        var number: [Int] = []
        for (i, node) in nodes.enumerated() {
            var node = node
            node.inputs = node.inputs.map { number[$0] }
            var isComputed = i > 0
            switch node.layer {
            case .convolution, .depthwise, .dense: node.weightBits = bits
            case .reshape, .channels, .frames, .maxPool, .input, .first, .dropout, .fakeQuantise: isComputed = false
            default: break
            }
            list.append(node)
            number.append(list.count - 1)
            if isComputed {
                list.append(Node("\(node.name)_range", .fakeQuantise(learnt: learnt), [list.count - 1]))
                number[i] = list.count - 1
            }
        }
        let aware = try Network(list)
        aware.copy(self)
        return aware
    }

    /// Takes over the values of parameters and statistics that `other` has too, by name and size; `but` for those that begin so. How
    /// many numbers it took.
    @discardableResult
    public func copy(_ other: Network, but left: String? = nil) -> Int {
        var taken = 0
        for (name, value) in parameters where left.map({ !name.hasPrefix($0) }) ?? true {
            guard let from = other.weights[name], from.value.shape == value.value.shape else { continue }
            value.value.fill(from: from.value)
            taken += from.value.count
        }
        for (name, mine) in statistics {
            guard let theirs = other.statistics[name], theirs.mean.count == mine.mean.count else { continue }
            mine.mean.fill(from: theirs.mean)
            mine.variance.fill(from: theirs.variance)
        }
        for (name, mine) in ranges { if let theirs = other.ranges[name] { mine.copy(theirs) } }
        return taken
    }
}

extension ActivationRange {
    func copy(_ other: ActivationRange) {
        bounds.value.fill(from: other.bounds.value)
        isKnown = other.isKnown
    }
}
