import CKernels
import Testing

/// MEAN and int8 MUL take eight or sixteen neighbours at a time: against their formulas, with any number left over.
@Suite struct ChannelsAbreastTests {
    @Test func means() {
        var numbers = Numbers()
        for round in 0..<100 {
            // More than 255 rows of bytes don't fit 16 bits.
            let rows = numbers.int(0...9) == 0 ? numbers.int(250...600) : numbers.int(1...5)
            let columns = numbers.int(1...5), channels = numbers.int(1...70)
            var block = k_mean()
            block.keep_rank = 1
            block.keep_count.0 = Int32(channels)
            block.keep_stride.0 = 1
            // As one dimension, as the interpreter says it where it can, or as two.
            let one = round % 2 == 0
            block.reduce_rank = one ? 1 : 2
            block.reduce_count = (Int32(one ? rows * columns : rows), Int32(columns), 0, 0, 0, 0, 0, 0)
            block.reduce_stride = (one ? channels : columns * channels, channels, 0, 0, 0, 0, 0, 0)
            block.elements = Int32(rows * columns)
            block.input_zero = Int32(numbers.int(-128...127))
            block.output_zero = Int32(numbers.int(-128...127))
            block.scale = 1.25 / Float(rows * columns)
            let x = (0..<rows * columns * channels).map { _ in Int8(numbers.int(-128...127)) }
            let bytes = (0..<channels).map { c in
                let sum = stride(from: c, to: x.count, by: channels).reduce(0) { $0 + Int32(x[$1]) - block.input_zero }
                let mean = (Float(sum) * block.scale).rounded(.toNearestOrEven) + Float(block.output_zero)
                return Int8(max(-128, min(127, mean)))
            }
            #expect(run(k_s8_mean, block, x, channels, Int8.max) == bytes)
            block.scale = 1 / Float(rows * columns)
            let floats = x.map { Float($0) * 0.37 }
            let means = (0..<channels).map { c in
                stride(from: c, to: x.count, by: channels).reduce(Float(0)) { $0 + floats[$1] } * block.scale
            }
            #expect(run(k_f32_mean, block, floats, channels, Float.nan) == means)
        }
    }

    private func run<T>(
        _ kernel: (UnsafeRawPointer?) -> Void, _ block: k_mean, _ x: [T], _ count: Int, _ poison: T
    ) -> [T] {
        var block = block, y = [T](repeating: poison, count: count)
        x.withUnsafeBytes { x in
            y.withUnsafeMutableBytes { y in
                block.input = x.baseAddress
                block.output = y.baseAddress
                kernel(&block)
            }
        }
        return y
    }

    @Test func products() {
        var numbers = Numbers()
        for _ in 0..<300 {
            let rows = numbers.int(1...3), channels = numbers.int(1...35)
            let a = (0..<rows * channels).map { _ in Int8(numbers.int(-128...127)) }
            let b = (0..<channels).map { _ in Int8(numbers.int(-128...127)) }
            var block = k_binary()
            block.rank = 2
            block.count = (Int32(rows), Int32(channels), 0, 0, 0, 0, 0, 0)
            block.a_stride = (channels, 1, 0, 0, 0, 0, 0, 0)
            block.b_stride = (0, 1, 0, 0, 0, 0, 0, 0)
            block.a_zero = Int32(numbers.int(-128...127))
            block.b_zero = Int32(numbers.int(-128...127))
            block.output_zero = Int32(numbers.int(-128...127))
            block.output_min = Int32(numbers.int(-128...0))
            block.output_max = Int32(numbers.int(1...127))
            block.scale = 1 / Float(1 << numbers.int(0...14)) // halves are met, and what leaves the range
            let expected = a.indices.map { i in
                let product = (Int32(a[i]) - block.a_zero) * (Int32(b[i % channels]) - block.b_zero)
                let y = (Float(product) * block.scale).rounded(.toNearestOrEven) + Float(block.output_zero)
                return Int8(max(Float(block.output_min), min(Float(block.output_max), y)))
            }
            var y = a // in place
            y.withUnsafeMutableBytes { y in
                b.withUnsafeBytes { b in
                    block.a = UnsafeRawPointer(y.baseAddress!)
                    block.b = b.baseAddress
                    block.y = y.baseAddress
                    k_s8_mul(&block)
                }
            }
            #expect(y == expected)
        }
    }
}
