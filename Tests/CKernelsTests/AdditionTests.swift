import CKernels
import KernelCheck
import Testing

/// int8 ADD, and what this CPU calls instead of it, against the formula of `k_binary`.
@Suite struct AdditionTests {
    @Test func int8() {
        var numbers = Numbers()
        let variants = [k_s8_add, k_best(k_s8_add, k_cpu_features())!]
        for round in 0..<500 {
            let n = numbers.int(1...131)
            let a = (0..<n).map { _ in Int8(numbers.int(-128...127)) }
            let b = (0..<n).map { _ in Int8(numbers.int(-128...127)) }
            var block = k_binary()
            // A dimension of 1 in front: a batch.
            block.rank = Int32(1 + round % 2)
            block.count = (round % 2 == 0 ? Int32(n) : 1, Int32(n), 0, 0, 0, 0, 0, 0)
            block.a_stride = (round % 2 == 0 ? 1 : 0, 1, 0, 0, 0, 0, 0, 0)
            block.b_stride = block.a_stride
            block.a_multiplier = Int32(numbers.int(-(1 << 21)...1 << 21))
            block.b_multiplier = Int32(numbers.int(-(1 << 21)...1 << 21))
            block.shift = Int32(numbers.int(12...30))
            block.bias = Int32(numbers.int(-(1 << 28)...1 << 28))
            block.output_zero = Int32(numbers.int(-128...127))
            block.output_min = Int32(numbers.int(-128...0))
            block.output_max = Int32(numbers.int(1...127))
            let expected = zip(a, b).map { a, b in
                let sum = block.bias + Int32(a) * block.a_multiplier + Int32(b) * block.b_multiplier
                return Int8(min(max((sum >> block.shift) + block.output_zero, block.output_min), block.output_max))
            }
            for run in variants {
                var y = a // in place
                y.withUnsafeMutableBufferPointer { y in
                    b.withUnsafeBufferPointer { b in
                        block.a = UnsafeRawPointer(y.baseAddress!)
                        block.b = UnsafeRawPointer(b.baseAddress!)
                        block.y = UnsafeMutableRawPointer(y.baseAddress!)
                        withUnsafePointer(to: block) { run($0) }
                    }
                }
                #expect(y == expected)
            }
        }
    }

    /// Rows of which one operand has but one, as what was averaged over frequencies has; in place.
    @Test func rowsThatRepeat() {
        var numbers = Numbers()
        for round in 0..<300 {
            let planes = numbers.int(1...3), rows = numbers.int(1...7), n = numbers.int(1...70)
            let large = (0..<planes * rows * n).map { _ in Int8(numbers.int(-128...127)) }
            let small = (0..<planes * n).map { _ in Int8(numbers.int(-128...127)) }
            var block = k_binary()
            block.rank = 3
            block.count = (Int32(planes), Int32(rows), Int32(n), 0, 0, 0, 0, 0)
            let whole = (rows * n, n, 1, 0, 0, 0, 0, 0), repeated = (n, 0, 1, 0, 0, 0, 0, 0)
            let isFirst = round % 2 == 0
            block.a_stride = isFirst ? whole : repeated
            block.b_stride = isFirst ? repeated : whole
            block.a_multiplier = Int32(numbers.int(-(1 << 20)...1 << 20))
            block.b_multiplier = Int32(numbers.int(-(1 << 20)...1 << 20))
            block.shift = Int32(numbers.int(14...24))
            block.output_zero = Int32(numbers.int(-128...127))
            block.output_min = -128
            block.output_max = 127
            let expected = large.indices.map { i in
                let few = small[i / (rows * n) * n + i % n]
                return k_s8_add_one(&block, Int32(isFirst ? large[i] : few), Int32(isFirst ? few : large[i]))
            }
            for run in [k_s8_add, k_best(k_s8_add, k_cpu_features())!] {
                var y = large
                y.withUnsafeMutableBytes { y in
                    small.withUnsafeBytes { small in
                        block.a = isFirst ? UnsafeRawPointer(y.baseAddress!) : small.baseAddress
                        block.b = isFirst ? small.baseAddress : UnsafeRawPointer(y.baseAddress!)
                        block.y = y.baseAddress
                        withUnsafePointer(to: block) { run($0) }
                    }
                }
                #expect(y == expected)
            }
        }
    }
}
