import ModelFormat
import Support
import Training

extension Network {
    /// Takes the weights of a model that was exported from a network of this architecture, whole numbers as the reals that they stand
    /// for, but for layers of another shape, and for the layer `left`. How many were taken; 0 where the model has not all the layers
    /// that this network would be exported with.
    ///
    /// Batch normalisations, which are part of the layers before them there, only add here: `renormalise` before training.
    /// Throws `Failure` where the network cannot be exported.
    public func take(_ model: Graph, but left: String? = nil) throws(Failure) -> Int {
        let tensors = Dictionary(model.tensors.map { ($0.name, $0) }) { first, _ in first }
        let names = try folded().parameters.map(\.name)
        var constants: [String: [Float]] = [:]
        for name in names {
            guard let dot = name.lastIndex(of: "."), name[dot...] == ".weight" || name[dot...] == ".bias",
                let tensor = tensors[name[..<dot] + (name[dot...] == ".bias" ? "/bias" : "/weights")], let values = tensor.reals
            else { return 0 }
            constants[name] = values
        }
        var taken = 0
        func fill(_ name: String, _ values: [Float]?) {
            guard let values, let own = self[name], own.value.count == values.count else { return }
            own.value.fill(from: Training.Tensor(own.value.shape, values))
            taken += values.count
        }
        for (i, node) in nodes.enumerated() where i > 0 && node.name != left {
            guard case .batchNorm(let bands, _) = node.layer else {
                for kind in ["weight", "bias"] { fill("\(node.name).\(kind)", constants["\(node.name).\(kind)"]) }
                continue
            }
            guard bands == 1, let statistics = statistics[node.name] else { return 0 }
            let count = statistics.mean.count, folded = nodes[node.inputs[0]].name, alone = "\(node.name)_affine"
            statistics.mean.fill(from: Training.Tensor([count], repeating: 0))
            statistics.variance.fill(from: Training.Tensor([count], repeating: 1 - Tape.normalisationEpsilon))
            fill("\(node.name).weight", constants["\(alone).weight"] ?? [Float](repeating: 1, count: count))
            fill("\(node.name).bias", constants["\(alone).bias"] ?? constants["\(folded).bias"])
        }
        return taken
    }
}

extension Graph.Tensor {
    /// A constant's elements as reals; nil for what is computed, and for types that weights don't have.
    fileprivate var reals: [Float]? {
        guard data != nil else { return nil }
        switch type {
        case .float32: return values(as: Float.self)
        case .int8: return real(values(as: Int8.self).map(Float.init))
        case .int32: return real(values(as: Int32.self).map(Float.init))
        default: return nil
        }
    }

    private func real(_ numbers: [Float]) -> [Float]? {
        guard let quantization, let only = quantization.scales.first else { return nil }
        guard quantization.scales.count > 1 else { return numbers.map { only * ($0 - Float(quantization.zeroPoints[0])) } }
        let inner = shape.dropFirst(quantization.axis + 1).reduce(1, *), channels = quantization.scales.count
        return numbers.enumerated().map { i, number in
            let c = i / inner % channels
            return quantization.scales[c] * (number - Float(quantization.zeroPoints[c]))
        }
    }
}
