import CLinux
import Interpreter
import ModelFormat
import Support

private let help: StaticString = """
    usage: katydid inspect MODEL [OPTIONS]

    Shows a model's inputs and outputs, its operators with their kernels, and its memory: every
    buffer of the arena with the operators during which it is in use.

      --tensors   every tensor too, with its quantisation
      --hop N     as listen has it where the manifest says "hop": what an inference of the
                  window before has computed is kept
      --help      this text

    example:
      katydid inspect okay_nabu.tflite

    """

func inspect() throws(Failure) {
    let options = try Options("inspect", help: help, [.init("tensors"), .init("hop", takesValue: true)])
    let interpreter = try prepare(try options.operand("MODEL"), options)
    let model = interpreter.model
    var line = Line()

    line.append(model.path)
    line.append(": ")
    line.append(model.byteCount)
    line.append(" bytes, ")
    line.append(model.subgraphs[0].operators.count)
    line.append(" operators, ")
    line.append(model.subgraphs[0].tensors.count)
    line.append(" tensors")
    line.flush()
    for (i, port) in interpreter.inputs.enumerated() { describe(&line, "input ", i, port.tensor) }
    for (i, port) in interpreter.outputs.enumerated() { describe(&line, "output ", i, port.tensor) }
    line.flush()

    if options.has("tensors") {
        for (i, tensor) in model.subgraphs[0].tensors.enumerated() {
            describe(&line, tensor.data == nil ? "tensor " : "constant ", i, tensor)
        }
        line.flush()
    }
    showOperators(interpreter, &line)
    line.flush()
    showArena(interpreter, &line)
    line.flush()
    showFootprint(interpreter.footprint, &line)
}

private func append(shape: [Int], to line: inout Line) {
    line.append("[")
    for (i, n) in shape.enumerated() {
        if i > 0 { line.append(",") }
        line.append(n)
    }
    line.append("]")
}

private func describe(_ line: inout Line, _ what: StaticString, _ index: Int, _ tensor: Tensor) {
    line.append(what)
    line.append(index)
    line.pad(to: 13)
    line.append(tensor.type.name)
    append(shape: tensor.shape, to: &line)
    line.pad(to: 36)
    let q = tensor.quantization
    if q.isPerChannel {
        line.append("\(q.scales.count) scales along ")
        line.append(q.axis)
    } else if q.isPresent {
        line.append("scale ")
        line.append(Double(q.scale), decimals: 9)
        line.append(" zero ")
        line.append(q.zeroPoint)
    }
    line.pad(to: 64)
    line.append(tensor.name)
    line.flush()
}

private func showOperators(_ interpreter: Interpreter, _ line: inout Line) {
    line.append("operator")
    line.pad(to: 27)
    line.append("output")
    line.pad(to: 48)
    line.append("MACs")
    line.align(from: 48, to: 58)
    line.append("  kernels")
    line.flush()
    let graph = interpreter.model.subgraphs[0]
    for (i, op) in graph.operators.enumerated() {
        line.append(i, endingAt: 4)
        line.append(" ")
        line.append(op.code.name)
        line.pad(to: 27)
        if let output = op.outputs.first, graph.tensors[output].type != .resource {
            line.append(graph.tensors[output].type.name)
            append(shape: graph.tensors[output].shape, to: &line)
        }
        line.pad(to: 47)
        var macs: UInt64 = 0
        for call in interpreter.calls where call.node == i { macs += call.macs }
        line.append(Int(clamping: macs), endingAt: 58)
        line.append(" ")
        var isFree = true
        for call in interpreter.calls where call.node == i {
            line.append(" ")
            line.append(call.kernel)
            isFree = false
        }
        if isFree { line.append(" (nothing to do)") }
        line.flush()
    }
}

/// Each buffer of the arena by offset, with a bar over the operators during which it is in use.
private func showArena(_ interpreter: Interpreter, _ line: inout Line) {
    let graph = interpreter.model.subgraphs[0]
    let width = 48
    let operators = max(graph.operators.count, 1)
    func column(_ operation: Int) -> Int { min(max(operation, 0), operators - 1) * width / operators }

    line.append("arena: offset   bytes  in use from the first operator to the last")
    line.flush()
    var entries = interpreter.arenaMap
    // Insertion sort: short, and without closures for the generic one.
    for i in 1..<max(entries.count, 1) {
        var j = i
        while j > 0 && entries[j - 1].offset > entries[j].offset {
            entries.swapAt(j - 1, j)
            j -= 1
        }
    }
    for entry in entries {
        line.append(entry.offset, endingAt: 13)
        line.append(entry.bytes, endingAt: 21)
        line.append("  ")
        let first = column(entry.first), last = column(entry.last)
        for c in 0..<width { line.append(c >= first && c <= last ? (entry.isPersistent ? "=" : "#") : ".") }
        line.append("  ")
        if let node = entry.scratchOf {
            line.append("scratch of operator ")
            line.append(node)
        } else if let tensor = entry.tensor {
            append(shape: graph.tensors[tensor].shape, to: &line)
            if entry.isPersistent { line.append(" is kept") }
        } else {
            line.append("a variable")
        }
        line.flush()
    }
}

/// Exact bytes, before anything runs.
func showFootprint(_ footprint: Interpreter.Footprint, _ line: inout Line) {
    line.append("memory: ")
    line.append(footprint.total)
    line.append(" bytes in one mmap: arena ")
    line.append(footprint.arena)
    line.append(" (kept between runs: ")
    line.append(footprint.persistent)
    line.append("), plan ")
    line.append(footprint.plan)
    line.append(", packed weights ")
    line.append(footprint.weights)
    line.flush()
}
