import Foundation
import Support

/// A network as a file: `.safetensors`, its nodes and whatever else describes it in the metadata. Weights are named and laid out as
/// PyTorch's modules have them ([out, in, h, w], `running_mean` …), so that `load_state_dict` takes them.
public struct Checkpoint {
    public var network: Network
    /// What its user wants to keep beside it, each a JSON text: classes, recipe, progress.
    public var notes: [String: String]
    /// Tensors that don't belong to the network: the optimiser's, for going on.
    public var extra: [(name: String, shape: [Int], values: [Float])]

    static let networkKey = "katydid.network"

    public init(_ network: Network, notes: [String: String] = [:], extra: [(name: String, shape: [Int], values: [Float])] = []) {
        self.network = network
        self.notes = notes
        self.extra = extra
    }

    public func write(to path: String) throws(Failure) {
        var file = SafeTensors()
        for (name, value) in network.parameters {
            let (shape, values) = TorchLayout.from(value.value)
            file.tensors.append((name, shape, values))
        }
        for (name, statistics) in network.statistics.sorted(by: { $0.key < $1.key }) {
            file.tensors.append(("\(name).running_mean", statistics.mean.shape, statistics.mean.array))
            file.tensors.append(("\(name).running_var", statistics.variance.shape, statistics.variance.array))
        }
        for (name, range) in network.ranges.sorted(by: { $0.key < $1.key }) where !range.isLearnt {
            file.tensors.append(("\(name).range", [2], [range.low, range.high]))
        }
        file.tensors += extra
        file.metadata = notes
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let nodes = try? encoder.encode(network.nodes) else { throw Failure(.software, "\(path)", "its nodes are not JSON", "report this") }
        file.metadata[Self.networkKey] = String(decoding: nodes, as: UTF8.self)
        try file.write(to: path)
    }

    public init(path: String) throws(Failure) {
        let file = try SafeTensors(path: path)
        guard let text = file.metadata[Self.networkKey], let nodes = try? JSONDecoder().decode([Node].self, from: Data(text.utf8)) else {
            throw Failure(.data, "\(path)", "holds no network of katydid-forge", "give a checkpoint that katydid-forge wrote")
        }
        let network: Network
        do throws(Failure) { network = try Network(nodes) } catch { throw Failure(.data, "\(path)", "\(error.what): \(error.why)", "train it anew") }
        var used: Set<String> = []
        func take(_ name: String, into tensor: Tensor, isWeight: Bool = false) throws(Failure) {
            guard let (shape, values) = file[name], values.count == tensor.count else {
                throw Failure(.data, "\(path)", "tensor \(name) is missing or of another size", "give a whole checkpoint")
            }
            used.insert(name)
            if isWeight { TorchLayout.to(tensor, shape, values) } else { tensor.fill(from: Tensor([values.count], values)) }
        }
        for (name, value) in network.parameters { try take(name, into: value.value, isWeight: true) }
        for (name, statistics) in network.statistics {
            try take("\(name).running_mean", into: statistics.mean)
            try take("\(name).running_var", into: statistics.variance)
        }
        for (name, range) in network.ranges {
            if !range.isLearnt { try take("\(name).range", into: range.bounds.value) }
            range.isKnown = range.high > range.low
        }
        self.network = network
        notes = file.metadata
        notes[Self.networkKey] = nil
        extra = file.tensors.filter { !used.contains($0.name) }
    }
}

/// Convolutions [out, h, w, in] as PyTorch's [out, in, h, w]; depthwise [h, w, c] as [c, 1, h, w]; all else as it is.
private enum TorchLayout {
    static func from(_ t: Tensor) -> (shape: [Int], values: [Float]) {
        let s = t.shape
        var values = t.array
        if s.count == 4, s[0] > 0 {
            each(s) { o, h, w, i in values[((o * s[3] + i) * s[1] + h) * s[2] + w] = t.base[((o * s[1] + h) * s[2] + w) * s[3] + i] }
            return ([s[0], s[3], s[1], s[2]], values)
        }
        if s.count == 3 {
            each([1] + s) { _, h, w, c in values[(c * s[0] + h) * s[1] + w] = t.base[(h * s[1] + w) * s[2] + c] }
            return ([s[2], 1, s[0], s[1]], values)
        }
        return (s, values)
    }

    static func to(_ t: Tensor, _ shape: [Int], _ values: [Float]) {
        let s = t.shape
        if s.count == 4 {
            each(s) { o, h, w, i in t.base[((o * s[1] + h) * s[2] + w) * s[3] + i] = values[((o * s[3] + i) * s[1] + h) * s[2] + w] }
        } else if s.count == 3 {
            each([1] + s) { _, h, w, c in t.base[(h * s[1] + w) * s[2] + c] = values[(c * s[0] + h) * s[1] + w] }
        } else {
            t.fill(from: Tensor([values.count], values))
        }
    }

    private static func each(_ s: [Int], _ body: (Int, Int, Int, Int) -> Void) {
        for a in 0..<s[0] { for b in 0..<s[1] { for c in 0..<s[2] { for d in 0..<s[3] { body(a, b, c, d) } } } }
    }
}
