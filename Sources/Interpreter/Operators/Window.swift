import ModelFormat
import Support

/// A sliding window along one dimension: output length and padding in front, by the rules of TensorFlow.
struct Window {
    let output: Int
    /// Elements outside of the input before its first.
    let padding: Int

    /// Of a part of an operator's rows, whose padding is not that of all.
    init(output: Int, padding: Int) {
        self.output = output
        self.padding = padding
    }

    /// `padding`: the schema's 0 (SAME: as many outputs as strides fit) or 1 (VALID: only whole windows).
    init(_ node: Node, _ input: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Int) throws(Failure) {
        guard kernel > 0, stride > 0, dilation > 0, input > 0, kernel <= 1 << 24, stride <= 1 << 24, dilation <= 1 << 24,
            (kernel - 1).multipliedReportingOverflow(by: dilation).partialValue < 1 << 28,
            !(kernel - 1).multipliedReportingOverflow(by: dilation).overflow
        else {
            throw node.damaged("kernel \(kernel), stride \(stride), dilation \(dilation) over \(input)")
        }
        let reach = (kernel - 1) * dilation + 1
        switch padding {
        case 0:
            output = (input + stride - 1) / stride
            self.padding = max((output - 1) * stride + reach - input, 0) / 2
        case 1:
            guard input >= reach else { throw node.damaged("a window of \(reach) over \(input) elements") }
            output = (input - reach) / stride + 1
            self.padding = 0
        default: throw node.damaged("padding \(padding)")
        }
    }
}
