import Testing

@testable import Training

/// Depthwise convolutions of all widths of channels, edges and strides against the sums that define them.
@Suite struct DepthwiseTests {
    static let shapes: [([Int], WindowShape)] = [
        ([9, 4, 20, 19], WindowShape([1, 3])), ([2, 4, 11, 29], WindowShape([1, 3], stride: [1, 2])),
        ([2, 7, 9, 61], WindowShape([3, 5], stride: [2, 3])), ([2, 6, 13, 64], WindowShape([5, 5])),
        ([2, 30, 1, 40], WindowShape([3, 1], dilation: [4, 1])), ([2, 31, 1, 8], WindowShape([9, 1], stride: [3, 1])),
        ([2, 9, 8, 5], WindowShape([2, 3], dilation: [2, 2], padding: .valid)), ([1, 3, 2, 33], WindowShape([7, 7])),
    ]

    @Test(arguments: shapes) func sums(image: [Int], shape: WindowShape) {
        var generator = RandomGenerator(seed: 4)
        func random(_ shape: [Int]) -> Tensor {
            let tensor = Tensor(shape)
            for i in 0..<tensor.count { tensor.base[i] = generator.normal() }
            return tensor
        }
        let x = Variable(random(image), needsGradient: true), weights = Variable(random(shape.kernel + [image[3]]), needsGradient: true)
        let tape = Tape(training: true)
        let y = tape.depthwise(x, weights, shape), dy = random(y.shape)
        tape.backward(tape.linear(tape.reshape(y, [1, dy.count]), Variable(Tensor([1, dy.count], dy.array))))

        let w = shape.over(image), c = image[3]
        var sums = [Double](repeating: 0, count: dy.count), dx = [Double](repeating: 0, count: x.value.count)
        var dw = [Double](repeating: 0, count: weights.value.count)
        for n in 0..<image[0] {
            for oy in 0..<Int(w.out_h) {
                for ox in 0..<Int(w.out_w) {
                    for i in 0..<shape.kernel[0] {
                        for j in 0..<shape.kernel[1] {
                            let iy = oy * shape.stride[0] - Int(w.pad_top) + i * shape.dilation[0]
                            let ix = ox * shape.stride[1] - Int(w.pad_left) + j * shape.dilation[1]
                            guard 0..<image[1] ~= iy, 0..<image[2] ~= ix else { continue }
                            let from = ((n * image[1] + iy) * image[2] + ix) * c, by = (i * shape.kernel[1] + j) * c
                            let to = ((n * Int(w.out_h) + oy) * Int(w.out_w) + ox) * c
                            for k in 0..<c {
                                let a = Double(x.value.base[from + k]), b = Double(weights.value.base[by + k]), g = Double(dy.base[to + k])
                                sums[to + k] += a * b
                                dx[from + k] += g * b
                                dw[by + k] += g * a
                            }
                        }
                    }
                }
            }
        }
        for (got, expected) in [(y.value, sums), (x.gradient!, dx), (weights.gradient!, dw)] {
            let top = expected.reduce(0) { max($0, abs($1)) }
            #expect(zip(got.array, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 * top })
        }
    }
}
