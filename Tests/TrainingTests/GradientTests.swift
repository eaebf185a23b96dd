import Testing

@testable import Training

/// Every operation's gradient against differences of its value: (f(x + h) − f(x − h)) / 2h.
@Suite struct GradientTests {
    private func random(_ shape: [Int], seed: UInt64 = 3) -> Tensor {
        var generator = RandomGenerator(seed: seed)
        let tensor = Tensor(shape)
        for i in 0..<tensor.count { tensor.base[i] = generator.normal() }
        return tensor
    }

    /// Σ y·r for a fixed r, and its gradients with respect to `inputs`.
    private func check(_ inputs: [Tensor], h: Float = 1e-2, tolerance: Float = 2e-2, _ operation: (Tape, [Variable]) -> Variable) {
        func value(_ inputs: [Variable], backward: Bool) -> Float {
            let tape = Tape(training: true, records: backward, seed: 5)
            let y = operation(tape, inputs)
            let loss = tape.linear(tape.reshape(y, [1, y.value.count]), Variable(random([1, y.value.count], seed: 9)))
            if backward { tape.backward(loss) }
            return loss.value.base[0]
        }
        let variables = inputs.map { Variable($0, needsGradient: true) }
        _ = value(variables, backward: true)
        var generator = RandomGenerator(seed: 11)
        for (k, variable) in variables.enumerated() {
            guard let gradient = variable.gradient else {
                Issue.record("input \(k) has no gradient")
                continue
            }
            let top = gradient.array.reduce(0.1) { max($0, abs($1)) }
            for _ in 0..<12 {
                let i = Int(generator.next() % UInt64(variable.value.count))
                let old = variable.value.base[i]
                variable.value.base[i] = old + h
                let above = value(variables, backward: false)
                variable.value.base[i] = old - h
                let below = value(variables, backward: false)
                variable.value.base[i] = old
                let slope = (above - below) / (2 * h)
                #expect(abs(slope - gradient.base[i]) < tolerance * top, "input \(k), element \(i): \(gradient.base[i]), by differences \(slope)")
            }
        }
    }

    @Test func convolutions() {
        let window = WindowShape([3, 2], stride: [2, 1])
        check([random([9, 6, 5, 3]), random([4, 3, 2, 3]), random([4])]) { $0.convolution($1[0], $1[1], bias: $1[2], window) }
        check([random([9, 6, 5, 3]), random([3, 2, 3]), random([3])]) { $0.depthwise($1[0], $1[1], bias: $1[2], window) }
        check([random([2, 4, 3, 40]), random([3, 2, 40])]) { $0.depthwise($1[0], $1[1], WindowShape([3, 2], dilation: [2, 1])) }
        check([random([7, 5]), random([3, 5]), random([3])]) { $0.linear($1[0], $1[1], bias: $1[2]) }
    }

    @Test func normalisations() {
        check([random([9, 3, 4, 5]), random([5]), random([5])]) { $0.batchNorm($1[0], gamma: $1[1], beta: $1[2], RunningStatistics(5)) }
        check([random([9, 3, 4, 5]), random([10]), random([10])]) {
            $0.batchNorm($1[0], gamma: $1[1], beta: $1[2], RunningStatistics(10), bands: 2)
        }
        check([random([6, 7]), random([7]), random([7])]) { $0.layerNorm($1[0], gamma: $1[1], beta: $1[2]) }
    }

    @Test(arguments: [Activation.hardSwish, .gelu, .sigmoid, .tanh, .swish]) func activations(_ activation: Activation) {
        check([random([4, 30])]) { $0.activate($1[0], activation) }
    }

    @Test func movers() {
        check([random([2, 4, 3, 5]), random([2, 1, 3, 5])]) { $0.add($1[0], $1[1]) }
        check([random([2, 4, 3, 5]), random([2, 4, 1, 5])]) { $0.add($1[0], $1[1]) }
        check([random([2, 4, 3, 5]), random([2, 4, 3, 5])]) { $0.add($1[0], $1[1]) }
        check([random([2, 3, 4]), random([2, 3, 2])]) { $0.concatenate($1) }
        check([random([2, 3, 6])]) { $0.channels($1[0], from: 2, count: 3) }
        check([random([2, 5, 3, 2])]) { $0.frames($1[0], from: 1, count: 3) }
        check([random([3, 4, 1, 5]), random([5])]) { $0.prepend($1[1], to: $1[0]) }
        check([random([3, 4, 1, 5])]) { $0.first($1[0]) }
        check([random([3, 40])]) { $0.dropout($1[0], rate: 0.4) }
        check([random([2, 5, 4, 3])]) { $0.averagePool($1[0], WindowShape([2, 2], stride: [2, 2])) }
        check([random([2, 5, 4, 3])], h: 1e-3, tolerance: 5e-2) { $0.maxPool($1[0], WindowShape([2, 2], stride: [2, 2])) }
    }

    /// Gradients that several variables share are not changed for all of them by one operation that works in place.
    @Test func branches() {
        check([random([3, 6]), random([6, 6])]) { tape, inputs in
            let a = tape.linear(inputs[0], inputs[1])
            let b = tape.add(a, inputs[0])
            let c = tape.add(tape.activate(b, .gelu), b)
            return tape.add(tape.add(c, tape.activate(a, .swish)), inputs[0])
        }
        check([random([3, 6])]) { $0.add($0.activate($1[0], .tanh), $0.add($1[0], $1[0])) }
    }

    /// A clamp inside an operation does what it does behind it.
    @Test(arguments: [Activation.relu, .relu6]) func clamps(_ clamp: Activation) {
        let operations: [(Tape, [Variable], Activation) -> Variable] = [
            { $0.add($1[0], $1[1], $2) },
            { $0.convolution($1[0], $1[2], bias: $1[3], WindowShape([3, 3]), $2) },
            { $0.convolution($1[0], $1[4], bias: $1[3], WindowShape([1, 1]), $2) },
            { $0.depthwise($1[0], $1[5], WindowShape([3, 3]), $2) },
        ]
        let shapes = [[9, 3, 4, 5], [9, 3, 1, 5], [6, 3, 3, 5], [6], [6, 1, 1, 5], [3, 3, 5]]
        for operation in operations {
            let results = [true, false].map { isInside in
                let inputs = shapes.enumerated().map { Variable(random($1, seed: UInt64($0)), needsGradient: true) }
                for i in 0..<inputs[0].count { inputs[0].value.base[i] *= 4 }
                let tape = Tape(training: true)
                let y = isInside ? operation(tape, inputs, clamp) : tape.activate(operation(tape, inputs, .linear), clamp)
                tape.backward(tape.linear(tape.reshape(y, [1, y.value.count]), Variable(random([1, y.value.count]))))
                return [y.value.array] + inputs.map { $0.gradient?.array ?? [] }
            }
            #expect(results[0] == results[1] && results[0][0].contains(0) && results[0][0].contains { $0 > 0 })
        }
    }

    @Test func attention() { check([random([3, 5, 1, 24])]) { $0.attention($1[0], heads: 2) } }

    @Test func losses() {
        let targets = Tensor([3, 4], [0.1, 0.2, 0.3, 0.4, 1, 0, 0, 0, 0, 0.5, 0.5, 0])
        check([random([3, 4])]) { $0.crossEntropy($1[0], targets: targets, temperature: 2) }
        check([random([3, 4])]) { $0.distillation($1[0], teacher: random([3, 4], seed: 8), of: [true, false, true], temperature: 2) }
        check([random([3, 4]), random([6, 4])]) { $0.alignment($1[0], projection: $1[1], to: random([3, 6], seed: 8)) }
        check([random([3, 4]), random([6, 4])]) {
            $0.alignment($1[0], projection: $1[1], to: random([3, 6], seed: 8), of: [true, false, true])
        }
        check([random([3, 4])]) { tape, x in
            tape.sum([(tape.crossEntropy(x[0], targets: targets), 0.3), (tape.meanSquare(x[0], targets), 2)])
        }
    }

    /// Rounding has no slope: what is checked is what the straight-through rule says.
    @Test func fakeQuantisation() {
        let range = ActivationRange(low: -1, high: 1, isLearnt: true)
        let x = Variable(Tensor([1, 5], [-3, -0.5, 0.2, 0.9, 4]), needsGradient: true)
        let tape = Tape(training: true)
        let y = tape.fakeQuantise(x, range)
        let (scale, zero) = range.quantisation
        #expect(y.value.array.allSatisfy { abs(($0 / scale).rounded() - $0 / scale) < 1e-3 })
        #expect(abs(y.value.base[1] + 0.5) <= scale / 2 && zero >= -128)
        tape.backward(tape.linear(y, Variable(Tensor([1, 5], [1, 2, 3, 4, 5]))))
        #expect(x.gradient!.array == [0, 2, 3, 4, 0])
        #expect(range.bounds.gradient!.array == [1, 5])

        let w = Variable(Tensor([2, 3], [1, -2, 0.5, 0, 0, 0]), needsGradient: true)
        let q = Tape(training: false).fakeQuantiseWeights(w, bits: 8)
        #expect(q.value.base[1] == -2 && abs(q.value.base[0] - 1) <= 1 / 127.0 && q.value.base[5] == 0)
    }
}
