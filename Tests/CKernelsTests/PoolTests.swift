import CKernels
import Testing

/// Pooling takes many channels at a time, and maxima a line of pixels at once: against the definition, for any number of channels, windows that
/// reach beyond the image or lie outside, and lines that don't fit the kernel's room.
@Suite struct PoolTests {
    /// Values of the window at output (y, x), channel c.
    private func window<T>(_ p: k_pool, _ x: [T], _ batch: Int, _ oy: Int, _ ox: Int, _ c: Int) -> [T] {
        var values: [T] = []
        let top = oy * Int(p.stride_height) - Int(p.pad_top), left = ox * Int(p.stride_width) - Int(p.pad_left)
        for y in max(top, 0)..<max(min(top + Int(p.kernel_height), Int(p.input_height)), max(top, 0)) {
            for column in max(left, 0)..<max(min(left + Int(p.kernel_width), Int(p.input_width)), max(left, 0)) {
                values.append(x[((batch * Int(p.input_height) + y) * Int(p.input_width) + column) * Int(p.channels) + c])
            }
        }
        return values
    }

    private func expected<T>(_ p: k_pool, _ x: [T], _ pool: ([T]) -> T) -> [T] {
        var y: [T] = []
        for batch in 0..<Int(p.batches) {
            for oy in 0..<Int(p.output_height) {
                for ox in 0..<Int(p.output_width) {
                    for c in 0..<Int(p.channels) { y.append(pool(window(p, x, batch, oy, ox, c))) }
                }
            }
        }
        return y
    }

    /// The kernel's outputs, if its best variant has the same.
    private func run<T: Equatable>(_ kernel: k_function, _ block: k_pool, _ x: [T], _ poison: T) -> [T] {
        let y = outputs(kernel, block, x, poison)
        #expect(outputs(k_best(kernel, k_cpu_features())!, block, x, poison) == y)
        return y
    }

    /// With a guard behind the output that must stay.
    private func outputs<T: Equatable>(_ kernel: k_function, _ block: k_pool, _ x: [T], _ poison: T) -> [T] {
        let count = Int(block.batches * block.output_height * block.output_width * block.channels)
        var block = block, y = [T](repeating: poison, count: count + 64)
        x.withUnsafeBytes { x in
            y.withUnsafeMutableBytes { y in
                block.input = x.baseAddress
                block.output = y.baseAddress
                kernel(&block)
            }
        }
        #expect(y[count...].allSatisfy { $0 == poison })
        return Array(y[..<count])
    }

    private func block(_ numbers: inout Numbers) -> k_pool {
        var p = k_pool()
        p.batches = Int32(numbers.int(1...2))
        p.channels = Int32(numbers.int(1...90))
        p.input_height = Int32(numbers.int(1...9))
        p.input_width = Int32(numbers.int(1...9))
        p.kernel_height = Int32(numbers.int(1...4))
        p.kernel_width = Int32(numbers.int(1...4))
        switch numbers.int(0...9) {
        case 0:  // a line that takes two turns
            p.input_height = 3
            p.input_width = Int32(numbers.int(200...400))
            p.batches = 1
        case 1:  // a window of which not one fits
            p.channels = Int32(numbers.int(900...1000))
            p.input_width = Int32(numbers.int(8...12))
            p.kernel_width = Int32(numbers.int(9...12))
            p.batches = 1
        default: break
        }
        p.stride_height = Int32(numbers.int(1...3))
        p.stride_width = Int32(numbers.int(1...5))
        p.pad_top = Int32(numbers.int(0...2))
        p.pad_left = Int32(numbers.int(0...2))
        p.output_height = max((p.input_height + p.pad_top + Int32(numbers.int(0...2)) - p.kernel_height) / p.stride_height + 1, 1)
        p.output_width = max((p.input_width + p.pad_left + Int32(numbers.int(0...2)) - p.kernel_width) / p.stride_width + 1, 1)
        p.output_min = Int32(numbers.int(0...1) == 0 ? -128 : numbers.int(-128...0))
        p.output_max = Int32(numbers.int(0...1) == 0 ? 127 : numbers.int(1...127))
        p.float_min = numbers.int(0...1) == 0 ? -.infinity : -20
        p.float_max = numbers.int(0...1) == 0 ? .infinity : 15
        return p
    }

    @Test func bytes() {
        var numbers = Numbers()
        for _ in 0..<400 {
            let p = block(&numbers)
            let x = (0..<Int(p.batches * p.input_height * p.input_width * p.channels)).map { _ in Int8(numbers.int(-128...127)) }
            func clamp(_ v: Int) -> Int8 { Int8(min(max(v, Int(p.output_min)), Int(p.output_max))) }
            #expect(run(k_s8_max_pool, p, x, 99) == expected(p, x) { clamp(Int($0.max() ?? -128)) })
            #expect(
                run(k_s8_average_pool, p, x, 99)
                    == expected(p, x) { window in
                        let sum = window.reduce(0) { $0 + Int($1) }, count = max(window.count, 1)
                        return clamp((sum > 0 ? sum + count / 2 : sum - count / 2) / count)
                    })
        }
    }

    @Test func floats() {
        var numbers = Numbers()
        for _ in 0..<200 {
            let p = block(&numbers)
            let x = (0..<Int(p.batches * p.input_height * p.input_width * p.channels)).map { _ in Float(numbers.int(-128...127)) * 0.37 }
            func clamp(_ v: Float) -> Float { v < p.float_min ? p.float_min : v > p.float_max ? p.float_max : v }
            #expect(run(k_f32_max_pool, p, x, 99) == expected(p, x) { clamp($0.max() ?? -.infinity) })
            #expect(run(k_f32_average_pool, p, x, 99) == expected(p, x) { clamp($0.reduce(0, +) * (1 / Float(max($0.count, 1)))) })
        }
    }
}
