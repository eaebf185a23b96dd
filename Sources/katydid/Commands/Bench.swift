import AudioFrontend
import CLinux
import Interpreter
import ModelFormat
import Support

private let help: StaticString = """
    usage: katydid bench MODEL [OPTIONS]
           katydid bench --frontend [OPTIONS]

    Measures a model on this machine, on one thread, with random inputs: the latency of whole
    inferences, and then, timed apart, the share of every operator. Or the micro front-end on
    noise: 10 ms of sound take the place of an inference.

      --runs N     measurements (200)
      --warmup N   inferences before that (20)
      --batch N    inferences on one input between two readings of the clock, which count
                   as one measurement, divided by N (1): for models as fast as the clock
      --hop N      inferences of a window that moves on by N rows, as listen has them where
                   the manifest says "hop": what the last one computed is used again
      --json       one line of JSON instead of the table
      --help       this text

    Latencies are those of an otherwise idle machine only if it is one. Times of operators hold
    the cost of asking the clock, some 20-50 ns each.

    example:
      katydid bench okay_nabu.tflite --runs 1000

    """

/// Sorted samples, ns, of `batch` inferences each.
private struct Samples {
    private var sorted: [Int64]
    private var batch: Int

    init(_ samples: UnsafeMutableBufferPointer<Int64>, batch: Int = 1) {
        self.batch = batch
        // qsort: the standard library's sort takes more room in the binary than the rest of this verb.
        qsort(samples.baseAddress!, samples.count, 8) { a, b in
            let x = a!.load(as: Int64.self), y = b!.load(as: Int64.self)
            return x < y ? -1 : x > y ? 1 : 0
        }
        sorted = Array(samples)
    }

    /// The sample that the fraction `q` of all is not above, µs per inference.
    func quantile(_ q: Double) -> Double {
        Double(sorted[min(Int(q * Double(sorted.count)), sorted.count - 1)]) / 1000 / Double(batch)
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
        "bench", help: help,
        [
            .init("runs", takesValue: true), .init("warmup", takesValue: true), .init("batch", takesValue: true),
            .init("hop", takesValue: true), .init("frontend"), .init("json"),
        ])
    let runs = try options.integer("runs", in: 1...1_000_000, default: 200)
    let warmup = try options.integer("warmup", in: 0...1_000_000, default: 20)
    let batch = try options.integer("batch", in: 1...1_000_000, default: 1)
    if options.has("frontend") {
        try options.refuseOperands(after: 0)
        return try benchFrontend(runs: runs, warmup: warmup, batch: batch, json: options.has("json"))
    }
    let interpreter = try prepare(try options.operand("MODEL"), options)

    let isWindow = options.has("hop")
    var generator = InputGenerator(seed: 12345)
    let latency = measure(
        runs: runs, warmup: warmup, batch: batch, before: { refill(interpreter, &generator) }, work: { isWindow ? interpreter.invokeNext() : interpreter.invoke() })
    let costs = measureOperators(interpreter, runs: min(runs, 200))
    if options.has("json") {
        printJSON(interpreter, latency, costs, runs: runs)
    } else {
        printTable(interpreter, latency, costs, inferences: runs * batch)
    }
}

private func refill(_ interpreter: Interpreter, _ generator: inout InputGenerator) {
    for port in interpreter.inputs { generator.fill(port.bytes, port.tensor.type) }
}

/// Times `work`, `batch` times in a row for one sample; `before` is not timed.
private func measure(runs: Int, warmup: Int, batch: Int, before: () -> Void, work: () -> Void) -> Samples {
    for _ in 0..<warmup {
        before()
        work()
    }
    let times = UnsafeMutableBufferPointer<Int64>.allocate(capacity: runs)
    defer { times.deallocate() }
    for i in 0..<runs {
        before()
        let start = linux_now_ns()
        for _ in 0..<batch { work() }
        times[i] = linux_now_ns() - start
    }
    return Samples(times, batch: batch)
}

/// A second of noise, -18 dBFS at its peaks, again and again in steps of 10 ms.
private func benchFrontend(runs: Int, warmup: Int, batch: Int, json: Bool) throws(Failure) {
    let step = 160
    let sound = UnsafeMutableBufferPointer<Int16>.allocate(capacity: MicroFrontend.sampleRate)
    defer { sound.deallocate() }
    var generator = InputGenerator(seed: 12345)
    generator.fill(UnsafeMutableRawBufferPointer(sound), .int16)
    for i in 0..<sound.count { sound[i] >>= 3 }

    var frontend = try MicroFrontend()
    var position = 0
    let latency = measure(runs: runs, warmup: warmup, batch: batch, before: {}) {
        var samples = UnsafeBufferPointer(rebasing: sound[position..<position + step])
        while frontend.feed(&samples) {}
        position = position + step == sound.count ? 0 : position + step
    }

    var line = Line()
    if json {
        line.append("{\"model\":\"micro front-end\",\"runs\":")
        line.append(runs)
        appendQuantiles(&line, latency)
        line.append("}")
    } else {
        line.append("micro front-end, 10 ms of sound: ")
        appendSummary(&line, latency)
        line.append(runs * batch)
        line.append(" steps, one thread")
    }
    line.flush()
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

private func appendSummary(_ line: inout Line, _ latency: Samples) {
    line.append("median ")
    line.append(latency.quantile(0.5), decimals: 2)
    line.append(" µs, p99 ")
    line.append(latency.quantile(0.99), decimals: 2)
    line.append(" µs, least ")
    line.append(latency.quantile(0), decimals: 2)
    line.append(" µs of ")
}

private func appendQuantiles(_ line: inout Line, _ latency: Samples) {
    for (name, q) in [("least_us", 0), ("median_us", 0.5), ("p99_us", 0.99)] as [(StaticString, Double)] {
        line.append(",\"")
        line.append(name)
        line.append("\":")
        line.append(latency.quantile(q), decimals: 4)
    }
}

private func printTable(_ interpreter: Interpreter, _ latency: Samples, _ costs: [Cost], inferences: Int) {
    var line = Line()
    line.append(interpreter.model.path)
    line.append(": ")
    appendSummary(&line, latency)
    line.append(inferences)
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
    appendQuantiles(&line, latency)
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
