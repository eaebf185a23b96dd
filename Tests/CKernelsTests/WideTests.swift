import CKernels
import CLinux
import Testing

/// Every variant of `k_variants` against its reference, on random shapes: the same bits, but for those of a NaN.
@Suite struct WideTests {
    private static let features = k_cpu_features()

    /// What differs from x, of the same count, by more than the payload of a NaN.
    private func differences(_ x: [Float], _ y: [Float]) -> Int {
        zip(x, y).count { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) } + abs(x.count - y.count)
    }

    /// Floats of any size, now and then one that breaks things.
    private func floats(_ numbers: inout Numbers, _ count: Int) -> [Float] {
        let awkward: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 1e-45, -1e-40, .greatestFiniteMagnitude, 89, -104, 0.625, 1]
        return (0..<count).map { _ in
            if numbers.int(0...19) == 0 { return awkward[numbers.int(0...awkward.count - 1)] }
            return Float(numbers.int(-1 << 22...1 << 22)) * Float(sign: .plus, exponent: numbers.int(-40 ... -12), significand: 1)
        }
    }

    /// Calls the kernel on a copy of `y`.
    private func after(_ y: [Float], _ call: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
        var y = y
        y.withUnsafeMutableBufferPointer { call($0.baseAddress!) }
        return y
    }

    private static let unary: [k_function] = [
        k_f32_relu, k_f32_relu6, k_f32_leaky_relu, k_f32_hard_swish, k_f32_logistic, k_f32_tanh, k_f32_exp, k_f32_log, k_f32_sqrt,
        k_f32_rsqrt, k_f32_square, k_f32_cube, k_f32_abs, k_f32_neg, k_f32_gelu, k_f32_gelu_tanh,
    ]
    private static let binary: [k_function] = [
        k_f32_add, k_f32_sub, k_f32_mul, k_f32_div, k_f32_min, k_f32_max, k_f32_squared_difference,
    ]

    @Test func operatorsOfOne() {
        var numbers = Numbers()
        for reference in Self.unary {
            let best = k_best(reference, Self.features)!
            for _ in 0..<60 {
                let x = floats(&numbers, numbers.int(1...131))
                let run = { (kernel: k_function, inPlace: Bool) in
                    after(inPlace ? x : x.map { _ in 7 }) { y in
                        x.withUnsafeBufferPointer { x in
                            var block = k_unary(x: inPlace ? UnsafePointer(y) : x.baseAddress!, y: y, count: x.count, slope: 0.3)
                            kernel(&block)
                        }
                    }
                }
                let expected = run(reference, false)
                #expect(differences(run(best, false), expected) == 0)
                #expect(differences(run(best, true), expected) == 0)
            }
        }
    }

    @Test func operatorsOfTwo() {
        var numbers = Numbers()
        for (which, reference) in Self.binary.enumerated() {
            // MINIMUM and MAXIMUM have no activation.
            let clamps = !(4...5).contains(which)
            let best = k_best(reference, Self.features)!
            for _ in 0..<100 {
                let outer = numbers.int(1...3), inner = numbers.int(1...37)
                var block = k_binary()
                block.rank = 2
                block.count = (Int32(outer), Int32(inner), 0, 0, 0, 0, 0, 0)
                // Either may repeat rows, columns, or both; the other then does not.
                let a = [numbers.int(0...1), numbers.int(0...1)], b = [a[0] == 0 ? 1 : numbers.int(0...1), a[1] == 0 ? 1 : numbers.int(0...1)]
                block.a_stride = (a[0] * (a[1] == 0 ? 1 : inner), a[1], 0, 0, 0, 0, 0, 0)
                block.b_stride = (b[0] * (b[1] == 0 ? 1 : inner), b[1], 0, 0, 0, 0, 0, 0)
                block.float_min = clamps && numbers.int(0...1) == 0 ? -0.5 : -.infinity
                block.float_max = clamps && numbers.int(0...1) == 0 ? 6 : .infinity
                let xs = floats(&numbers, outer * inner), zs = floats(&numbers, outer * inner)
                let run = { (kernel: k_function) in
                    after([Float](repeating: 7, count: outer * inner)) { y in
                        xs.withUnsafeBytes { x in
                            zs.withUnsafeBytes { z in
                                block.a = x.baseAddress
                                block.b = z.baseAddress
                                block.y = UnsafeMutableRawPointer(y)
                                kernel(&block)
                            }
                        }
                    }
                }
                #expect(differences(run(best), run(reference)) == 0)
            }
        }
    }

    @Test func softmax() {
        var numbers = Numbers()
        let best = k_best(k_f32_softmax, Self.features)!
        for _ in 0..<200 {
            let rows = numbers.int(1...4), columns = numbers.int(1...45)
            let x = floats(&numbers, rows * columns)
            let run = { (kernel: k_function) in
                after(x) { y in
                    var block = k_softmax()
                    block.input = UnsafeRawPointer(y)
                    block.output = UnsafeMutableRawPointer(y)
                    block.rows = Int32(rows)
                    block.columns = Int32(columns)
                    block.beta = 0.7
                    kernel(&block)
                }
            }
            #expect(differences(run(best), run(k_f32_softmax)) == 0)
        }
    }

    @Test func meansOfRows() {
        var numbers = Numbers()
        let best = k_best(k_f32_mean, Self.features)!
        for _ in 0..<200 {
            let rows = numbers.int(1...30), columns = numbers.int(1...45)
            let x = floats(&numbers, rows * columns)
            let run = { (kernel: k_function) in
                after([Float](repeating: 7, count: rows)) { y in
                    x.withUnsafeBytes { x in
                        var block = k_mean()
                        block.input = x.baseAddress
                        block.output = UnsafeMutableRawPointer(y)
                        block.keep_rank = 1
                        block.reduce_rank = 1
                        block.keep_count.0 = Int32(rows)
                        block.keep_stride.0 = columns
                        block.reduce_count.0 = Int32(columns)
                        block.reduce_stride.0 = 1
                        block.scale = 1 / Float(columns)
                        kernel(&block)
                    }
                }
            }
            #expect(differences(run(best), run(k_f32_mean)) == 0)
        }
    }

    @Test func transpositions() {
        var numbers = Numbers()
        let best = k_best(k_copy_run, Self.features)!
        for _ in 0..<200 {
            let outer = numbers.int(1...3), rows = numbers.int(1...30), columns = numbers.int(1...30)
            // Blocks of four bytes may stand anywhere: then they are copied one by one.
            let gap = numbers.int(0...2), count = outer * rows * columns
            let x = (0..<count + columns).map { Float($0) }
            let run = { (kernel: k_function) in
                after([Float](repeating: -1, count: count)) { y in
                    x.withUnsafeBytes { x in
                        var block = k_copy()
                        block.src = x.baseAddress!.assumingMemoryBound(to: UInt8.self)
                        block.dst = UnsafeMutableRawPointer(y).assumingMemoryBound(to: UInt8.self)
                        block.rank = 3
                        block.block = 4
                        block.count = (Int32(outer), Int32(rows), Int32(columns), 0, 0, 0, 0, 0)
                        block.src_stride = (4 * rows * columns, 4, 4 * rows + gap, 0, 0, 0, 0, 0)
                        block.dst_stride = (4 * rows * columns, 4 * columns, 4, 0, 0, 0, 0, 0)
                        kernel(&block)
                    }
                }
            }
            let turned = run(best)
            #expect(differences(turned, run(k_copy_run)) == 0)
            #expect(gap > 0 || Set(turned).count == count)
        }
    }

    /// Matrices of any order, by the best variant and by the reference.
    @Test func matrixProducts() {
        var numbers = Numbers()
        for _ in 0..<200 {
            var block = k_matrix_product()
            block.rows = Int32(numbers.int(1...23))
            block.columns = Int32(numbers.int(1...37))
            block.depth = Int32(numbers.int(1...29))
            block.turn_a = Int32(numbers.int(0...1))
            block.turn_b = Int32(numbers.int(0...1))
            block.rank = 1
            block.count.0 = Int32(numbers.int(1...3))
            let m = Int(block.rows), n = Int(block.columns), k = Int(block.depth), count = Int(block.count.0)
            block.a_stride.0 = numbers.int(0...1) * m * k
            block.b_stride.0 = numbers.int(0...1) * n * k
            block.output_min = -.infinity
            block.output_max = numbers.int(0...1) == 0 ? .infinity : 6
            let value = { (numbers: inout Numbers) in Float(numbers.int(-1000...1000)) / 512 }
            let a = (0..<count * m * k).map { _ in value(&numbers) }, b = (0..<count * n * k).map { _ in value(&numbers) }
            let bias = (0..<n).map { _ in value(&numbers) }
            let hasBias = numbers.int(0...1) == 0

            let run = { (variant: UnsafePointer<k_f32_convolution_variant>) in
                after([Float](repeating: 7, count: count * m * n)) { y in
                    a.withUnsafeBufferPointer { a in
                        b.withUnsafeBufferPointer { b in
                            bias.withUnsafeBufferPointer { bias in
                                block.a = a.baseAddress
                                block.b = b.baseAddress
                                block.bias = hasBias ? bias.baseAddress : nil
                                block.y = y
                                block.variant = variant
                                let scratch = UnsafeMutableRawPointer.allocate(byteCount: k_matrix_scratch_bytes(&block), alignment: 64)
                                defer { scratch.deallocate() }
                                block.scratch = scratch
                                k_f32_matrix_product(&block)
                            }
                        }
                    }
                }
            }
            var expected: [Float] = []
            for i in 0..<count * m * n {
                let matrix = i / (m * n), row = i / n % m, column = i % n
                var sum: Float = hasBias ? bias[column] : 0
                for j in 0..<k {
                    let x = a[matrix * block.a_stride.0 + (block.turn_a == 1 ? j * m + row : row * k + j)]
                    let w = b[matrix * block.b_stride.0 + (block.turn_b == 1 ? j * n + column : column * k + j)]
                    sum = fmaf(x, w, sum)
                }
                expected.append(min(sum, block.output_max))
            }
            #expect(run(k_f32_convolution_variant_at(0)!) == expected)
            #expect(run(k_f32_convolution_best(Self.features)!) == expected)
        }
    }

    /// The functions themselves against the C library's, in units of the last place.
    @Test func functions() {
        let units = { (kernel: k_function, x: [Float], exact: (Double) -> Double) in
            let y = after(x) { y in
                var block = k_unary(x: UnsafePointer(y), y: y, count: x.count, slope: 0)
                kernel(&block)
            }
            return zip(x, y).map { x, y in
                let expected = exact(Double(x))
                return abs(Double(y) - expected) / Double(max(Float(expected).ulp, .leastNonzeroMagnitude))
            }.max()!
        }
        let some = (-40000...40000).map { Float($0) * 0.0011 }
        #expect(units(k_f32_exp, some, exp) <= 2)
        #expect(units(k_f32_exp, (0..<1000).map { -87 - Float($0) * 0.017 }, exp) <= 2)
        #expect(units(k_f32_tanh, some, tanh) <= 4)
        #expect(units(k_f32_logistic, some, { 1 / (1 + exp(-$0)) }) <= 4)
        #expect(units(k_f32_log, (1...80000).map { Float($0) * 0.00013 }, log) <= 3)
        #expect(units(k_f32_log, (-149...127).map { Float(sign: .plus, exponent: $0, significand: 1.3) }, log) <= 3)
    }

    /// None in the table is left out above, or in AdditionTests and PoolTests.
    @Test func theTableIsWhole() {
        let pools: [k_function] = [k_s8_average_pool, k_s8_max_pool, k_f32_average_pool, k_f32_max_pool]
        let tested = Self.unary + Self.binary + pools + [k_f32_softmax, k_f32_mean, k_copy_run, k_s8_add]
        let addresses = Set(tested.map { unsafeBitCast($0, to: Int.self) })
        for i in 0..<k_variant_count {
            #expect(addresses.contains(unsafeBitCast(k_variant_at(i)!.pointee.reference!, to: Int.self)))
        }
    }
}
