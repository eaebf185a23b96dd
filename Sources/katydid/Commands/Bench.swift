import CLinux
import Interpreter
import ModelFormat
import Support

private let help: StaticString = """
    usage: katydid bench MODEL [OPTIONS]

    Measures a model on this machine, on one thread, with random inputs: the latency of whole
    inferences, and then, timed apart, the share of every operator.

      --runs N     inferences to measure (200)
      --warmup N   inferences before that (20)
      --json       one line of JSON instead of the table
      --help       this text

    Latencies are those of an otherwise idle machine only if it is one. Times of operators hold
    the cost of asking the clock, some 20-50 ns each.

    example:
      katydid bench okay_nabu.tflite --runs 1000

    """

/// Sorted samples, ns.
private struct Samples {
    private var sorted: [Int64]

    init(_ samples: UnsafeMutableBufferPointer<Int64>) {
        // qsort: the standard library's sort takes more room in the binary than the rest of this verb.
        qsort(samples.baseAddress!, samples.count, 8) { a, b in
            let x = a!.load(as: Int64.self), y = b!.load(as: Int64.self)
            return x < y ? -1 : x > y ? 1 : 0
        }
        sorted = Array(samples)
    }

    /// The sample that the fraction `q` of all is not above, µs.
    func quantile(_ q: Double) -> Double {
        Double(sorted[min(Int(q * Double(sorted.count)), sorted.count - 1)]) / 1000
    }
}

/// What one operator costs.
private struct Cost {
    var node: Int
    var microseconds = 0.0
    var macs: UInt64 = 0
    /// Bytes read and written: inputs, constants, outputs.
    var bytes = 0
    var kernel = ""
}

func bench() throws(Failure) {
    let options = try Options(
        "bench", help: help, [.init("runs", takesValue: true), .init("warmup", takesValue: true), .init("json")])
    let path = try options.operand("MODEL")
    let runs = try options.integer("runs", in: 1...1_000_000, default: 200)
    let warmup = try options.integer("warmup", in: 0...1_000_000, default: 20)
    let interpreter = try prepare(path)

    let latency = measure(interpreter, runs: runs, warmup: warmup)
    let costs = measureOperators(interpreter, runs: min(runs, 200))
    if options.has("json") {
        printJSON(interpreter, latency, costs, runs: runs)
    } else {
        printTable(interpreter, latency, costs, runs: runs)
    }
}

private func refill(_ interpreter: Interpreter, _ generator: inout InputGenerator) {
    for port in interpreter.inputs { generator.fill(port.bytes, port.tensor.type) }
}

private func measure(_ interpreter: Interpreter, runs: Int, warmup: Int) -> Samples {
    var generator = InputGenerator(seed: 12345)
    for _ in 0..<warmup {
        refill(interpreter, &generator)
        interpreter.invoke()
    }
    let times = UnsafeMutableBufferPointer<Int64>.allocate(capacity: runs)
    defer { times.deallocate() }
    for i in 0..<runs {
        refill(interpreter, &generator)
        let before = linux_now_ns()
        interpreter.invoke()
        times[i] = linux_now_ns() - before
    }
    return Samples(times)
}

/// The median of each call over `runs`, added up by operator.
private func measureOperators(_ interpreter: Interpreter, runs: Int) -> [Cost] {
    let calls = interpreter.calls
    var generator = InputGenerator(seed: 12345)
    let once = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(calls.count, 1))
    let all = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(calls.count * runs, 1))
    defer {
        once.deallocate()
        all.deallocate()
    }
    for run in 0..<runs {
        once.update(repeating: 0)
        refill(interpreter, &generator)
        interpreter.invoke(timing: once)
        for c in 0..<calls.count { all[c * runs + run] = once[c] }
    }

    let graph = interpreter.model.subgraphs[0]
    var costs: [Cost] = []
    for (c, call) in calls.enumerated() {
        if costs.last?.node != call.node {
            var cost = Cost(node: call.node)
            let op = graph.operators[call.node]
            for t in op.inputs where t >= 0 { cost.bytes += graph.tensors[t].byteCount }
            for t in op.outputs { cost.bytes += graph.tensors[t].byteCount }
            costs.append(cost)
        }
        let i = costs.count - 1
        costs[i].microseconds += Samples(UnsafeMutableBufferPointer(rebasing: all[(c * runs)..<((c + 1) * runs)])).quantile(0.5)
        costs[i].macs += call.macs
        costs[i].kernel += (costs[i].kernel.isEmpty ? "" : " ") + call.kernel
    }
    return costs
}

private func printTable(_ interpreter: Interpreter, _ latency: Samples, _ costs: [Cost], runs: Int) {
    var line = Line()
    line.append(interpreter.model.path)
    line.append(": median ")
    line.append(latency.quantile(0.5), decimals: 2)
    line.append(" µs, p99 ")
    line.append(latency.quantile(0.99), decimals: 2)
    line.append(" µs, least ")
    line.append(latency.quantile(0), decimals: 2)
    line.append(" µs of ")
    line.append(runs)
    line.append(" inferences, one thread")
    line.flush()
    showFootprint(interpreter.footprint, &line)
    line.flush()

    line.append("operator")
    for (title, column) in [("µs", 37), ("share", 44), ("MACs", 56), ("bytes", 65), ("MAC/µs", 74)] as [(StaticString, Int)] {
        let start = line.count
        line.append(title)
        // µ is two bytes of one column.
        line.align(from: start, to: column)
    }
    line.append("  kernels")
    line.flush()
    var total = 0.0, macs: UInt64 = 0
    for cost in costs {
        total += cost.microseconds
        macs += cost.macs
    }
    let graph = interpreter.model.subgraphs[0]
    for cost in costs {
        line.append(cost.node, endingAt: 4)
        line.append(" ")
        line.append(graph.operators[cost.node].code.name)
        printRow(&line, cost.microseconds, of: total, cost.macs, cost.bytes)
        line.append("  ")
        line.append(cost.kernel)
        line.flush()
    }
    line.append("     all")
    printRow(&line, total, of: total, macs, nil)
    line.flush()
}

private func printRow(_ line: inout Line, _ microseconds: Double, of total: Double, _ macs: UInt64, _ bytes: Int?) {
    line.append(microseconds, decimals: 2, endingAt: 36)
    line.append(total > 0 ? 100 * microseconds / total : 0, decimals: 1, endingAt: 42)
    line.append("%")
    line.append(Int(clamping: macs), endingAt: 55)
    if let bytes { line.append(bytes, endingAt: 64) } else { line.pad(to: 64) }
    line.append(microseconds > 0 ? Double(macs) / microseconds : 0, decimals: 0, endingAt: 72)
}

private func printJSON(_ interpreter: Interpreter, _ latency: Samples, _ costs: [Cost], runs: Int) {
    let graph = interpreter.model.subgraphs[0]
    let footprint = interpreter.footprint
    var line = Line()
    line.append("{\"model\":")
    line.append(json: interpreter.model.path)
    for (name, value) in [
        ("runs", runs), ("arena_bytes", footprint.arena), ("plan_bytes", footprint.plan), ("weight_bytes", footprint.weights),
    ] as [(StaticString, Int)] {
        line.append(",\"")
        line.append(name)
        line.append("\":")
        line.append(value)
    }
    for (name, q) in [("least_us", 0), ("median_us", 0.5), ("p99_us", 0.99)] as [(StaticString, Double)] {
        line.append(",\"")
        line.append(name)
        line.append("\":")
        line.append(latency.quantile(q), decimals: 3)
    }
    line.append(",\"operators\":[")
    line.write()
    for (i, cost) in costs.enumerated() {
        line.append(i > 0 ? ",{\"index\":" : "{\"index\":")
        line.append(cost.node)
        line.append(",\"operator\":")
        line.append(json: graph.operators[cost.node].code.name)
        line.append(",\"kernels\":")
        line.append(json: cost.kernel)
        line.append(",\"us\":")
        line.append(cost.microseconds, decimals: 3)
        line.append(",\"macs\":")
        line.append(Int(clamping: cost.macs))
        line.append(",\"bytes\":")
        line.append(cost.bytes)
        line.append("}")
        line.write()
    }
    line.append("]}")
    line.flush()
}
