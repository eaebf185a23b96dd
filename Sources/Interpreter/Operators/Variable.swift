import ModelFormat
import Support

/// Resource variables. What these operators do is decided by `Variables`, `Storage` and `GraphPlan`;
/// here they are only checked.
extension OperatorDefinition {
    private static func named(_ code: Int32, inputs: Int, outputs: Int) -> OperatorDefinition {
        OperatorDefinition(
            code: code, outputs: outputs,
            layout: { node, _ throws(Failure) in
                for i in 0..<inputs { _ = try node.input(i) }
                if code == varHandle.code, try node.output().type != .resource { throw node.unsupported("resource") }
            },
            emit: { _, _ throws(Failure) in })
    }

    /// Runs another graph once, before the first inference.
    static let callOnce = named(129, inputs: 0, outputs: 0)
    /// → handle
    static let varHandle = named(142, inputs: 0, outputs: 1)
    /// handle → value
    static let readVariable = named(143, inputs: 1, outputs: 1)
    /// handle, value →
    static let assignVariable = named(144, inputs: 2, outputs: 0)
}
