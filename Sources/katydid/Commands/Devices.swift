import AudioCapture
import GPIO
import Support

private let help: StaticString = """
    usage: katydid devices

    Shows what board this is, if it is a known one, and the microphones and GPIO lines of this machine, in the words that other verbs take:
    the first column is for --device, names like GPIO17 or gpiochip0:17 are for --gpio.

    example:
      katydid devices

    """

/// Throws nothing for a machine without either: it is told so.
func devices() throws(Failure) {
    try Options("devices", help: help, []).refuseOperands(after: 0)
    var line = Line()
    let board = Board.recognised()
    if let board { show(board, &line) }
    microphones(board, &line)
    line.flush()
    chips(&line)
}

private func show(_ board: Board, _ line: inout Line) {
    line.append("Board: ")
    line.append(board.name)
    line.append(", ")
    line.append(board.cpu)
    line.flush()
    line.append("  GPIO: ")
    line.append(board.chip)
    line.append("; lines ")
    line.append(board.lines)
    line.flush()
    line.flush()
}

private func microphones(_ board: Board?, _ line: inout Line) {
    let devices = CaptureDevice.all()
    line.append(devices.isEmpty ? "Microphones: none" : "Microphones")
    line.flush()
    if devices.isEmpty {
        line.append("  plug one in, or listen to a file: katydid listen --wav FILE")
        line.flush()
    }
    for device in devices {
        line.append("  ")
        line.append(device.address)
        line.append("  ")
        line.append(device.cardName)
        line.append(", ")
        line.append(device.name)
        if !device.isFree { line.append("  (in use)") }
        line.flush()
        guard let hat = board?.hat(of: device) else { continue }
        line.append("      ")
        line.append(hat.name)
        line.append(": ")
        line.append(hat.note)
        line.flush()
    }
}

private func chips(_ line: inout Line) {
    let paths = Chip.paths()
    line.append(paths.isEmpty ? "GPIO lines: none" : "GPIO lines")
    line.flush()
    if paths.isEmpty {
        line.append("  this machine has no GPIO chip; see what would move: katydid listen --gpio-trace")
        line.flush()
    }
    for path in paths {
        do throws(Failure) {
            let chip = try Chip(path)
            line.append("  ")
            line.append(chip.name)
            line.append("  ")
            line.append(chip.label)
            line.flush()
            for offset in 0..<chip.lineCount { lineOf(chip, offset, &line) }
        } catch {
            line.append("  ")
            line.append(error.what)
            line.append(": ")
            line.append(error.why)
            line.append("; ")
            line.append(error.remedy)
            line.flush()
        }
    }
}

private func lineOf(_ chip: borrowing Chip, _ offset: Int, _ line: inout Line) {
    guard let info = chip.line(offset) else { return }
    line.append("    ")
    line.append(chip.name)
    line.append(":")
    line.append(offset)
    line.append("  ")
    line.append(info.name.isEmpty ? "(no name)" : info.name)
    line.append(info.isOutput ? "  output" : "  input")
    if info.isUsed {
        line.append("  held by ")
        line.append(info.consumer.isEmpty ? "the kernel" : info.consumer)
    }
    line.flush()
}
