import ModelFormat

/// What an operator asks of the memory planner before any address is known.
struct Layout {
    /// An output that is a part of an input: nothing to compute if it may stand there.
    struct View {
        var output: Int
        var input: Int
        var byteOffset: Int
    }

    /// An output that is a slice of the channels of an input, [..., C] → [..., c]: nothing to compute if
    /// all that read it take pixels that are not neighbours.
    struct ChannelSlice {
        var output: Int
        var input: Int
        var byteOffset: Int
        /// Bytes of a pixel in the output, and from one pixel to the next in the input.
        var pixelBytes: Int
        var pixelStride: Int

        /// Whether a pixel of `tensor` is a pixel of the slice.
        func fits(_ tensor: Tensor) -> Bool { tensor.shape.last.map { tensor.type.bytes($0) } == pixelBytes }
    }

    /// Which rows of an input a row of output 0 comes from, along the first dimension that is not 1: row r from rows
    /// r · stride − padding and the `reach` − 1 after it.
    struct RowWindow {
        var reach = 1
        var stride = 1
        var padding = 0

        /// The rows, of `count`, that some rows of the output come from.
        func rows(for output: Range<Int>, of count: Int) -> Range<Int> {
            max(output.lowerBound * stride - padding, 0)..<min((output.upperBound - 1) * stride - padding + reach, count)
        }
    }

    /// The features that kernels may use (K_CPU_…).
    let cpu: UInt32
    /// Bytes needed only while the operator runs.
    var scratch = 0
    /// The input (its position among the operator's inputs) that output 0 may be written over, element by element.
    var inPlace: Int?
    var views: [View] = []
    var channelSlices: [ChannelSlice] = []
    /// Whether input 0 may be a channel slice that was not copied.
    var takesChannelSlices = false
    /// Inputs (positions) that may be computed right where they belong inside output 0, with byte offsets.
    var placements: [(input: Int, byteOffset: Int)] = []
    /// nil where a row comes from all rows of an input. Of all inputs that are not constant alike.
    var rowWindow: RowWindow?
    /// Multiplications and additions of one run.
    var macs: UInt64 = 0

    init(cpu: UInt32) { self.cpu = cpu }
}
