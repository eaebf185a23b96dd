import ModelFormat
import Support

extension OperatorDefinition {
    /// input, permutation (constant) → output dimension i is input dimension permutation[i]
    static let transpose = OperatorDefinition(
        code: 39,
        layout: { node, layout throws(Failure) in
            let input = try node.input(0)
            try node.expectSameType(input, try node.output())
            let order = try permutation(node)
            try node.expect(order.map { input.shape[$0] })
            // Only dimensions of 1 move: the elements stay as they are.
            let moving = order.filter { input.shape[$0] != 1 }
            if zip(moving, moving.dropFirst()).allSatisfy({ $0 < $1 }) {
                layout.views = [Layout.View(output: 0, input: 0, byteOffset: 0)]
            }
        },
        emit: { node, emitter throws(Failure) in
            let input = try node.input(0), output = try node.output()
            let strides = denseStrides(input.shape)
            try emitter.copy(
                node, from: try emitter.input(node, 0), try permutation(node).map { strides[$0] },
                to: try emitter.output(node), denseStrides(output.shape), counts: output.shape, size: input.type.bytes(1))
        })

    private static func permutation(_ node: Node) throws(Failure) -> [Int] {
        let rank = try node.input(0).shape.count
        var order: [Int] = []
        for a in try node.integers(1) {
            let axis = try node.axis(a, rank: rank)
            guard !order.contains(axis) else { throw node.damaged("axis \(axis) twice") }
            order.append(axis)
        }
        guard order.count == rank else { throw node.damaged("\(order.count) axes for \(rank) dimensions") }
        return order
    }
}
