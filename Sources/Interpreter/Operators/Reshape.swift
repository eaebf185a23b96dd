import ModelFormat
import Support

/// RESHAPE, SQUEEZE, EXPAND_DIMS: the same elements under another shape, which the file gives.
extension OperatorDefinition {
    static let reshape = sameElements(22)
    static let squeeze = sameElements(43)
    static let expandDims = sameElements(70)

    private static func sameElements(_ code: Int32) -> OperatorDefinition {
        OperatorDefinition(
            code: code,
            layout: { node, layout throws(Failure) in
                let input = try node.input(0), output = try node.output()
                try node.expectSameType(input, output)
                guard input.count == output.count else {
                    throw node.damaged(
                    "\(node.text(input.shape)) has not as many elements as \(node.text(output.shape))")
                }
                layout.views = [Layout.View(output: 0, input: 0, byteOffset: 0)]
            },
            emit: { node, emitter throws(Failure) in
                try emitter.move(
                    node, from: try emitter.input(node, 0), to: try emitter.output(node), bytes: try node.output().byteCount)
            })
    }
}
