import CGPIOD
import CLinux
import Support

/// One GPIO line held as an output. Inactive when it is taken and when it is given back.
public struct OutputLine: ~Copyable {
    /// As `gpiochip0:17`: the same line has the same location whatever it was asked by.
    public let location: String
    private let address: LineAddress
    private let chip: Chip
    private let offset: UInt32
    private let line: OpaquePointer

    /// Throws `Failure` when there is no such line, when somebody else holds it, or when we may not.
    public init(_ address: LineAddress, _ wiring: Wiring) throws(Failure) {
        let place = try Place(finding: address)
        let chip = try Chip(place.path)
        let offset = UInt32(place.offset)
        guard let line = gpio_request_output(chip.handle, offset, "katydid", wiring.request, false) else {
            let code = linux_errno()
            throw address.refused(chip.line(place.offset), code)
        }
        self.address = address
        self.line = line
        self.offset = offset
        location = "\(chip.name):\(place.offset)"
        self.chip = chip
    }

    deinit {
        // The kernel leaves a released line as it is, or to the driver: so leave it safe.
        gpio_set(line, offset, false)
        gpio_release(line)
    }

    /// Throws `Failure` when the driver refuses, as when a USB GPIO adapter is gone.
    public func set(_ active: Bool) throws(Failure) {
        guard gpio_set(line, offset, active) == 0 else { throw .system("\(address.text)", "check that the GPIO chip is still there") }
    }
}

extension LineAddress {
    /// Why the kernel refused this line with `code`.
    func refused(_ info: LineInfo?, _ code: Int32) -> Failure {
        guard code == EBUSY else { return .system("\(text)", "choose another line: katydid devices", errno: code) }
        let holder = info?.consumer ?? ""
        return Failure(
            .unavailable, "\(text)", holder.isEmpty ? "the kernel holds this line" : "\(holder) holds this line",
            "stop it (a second katydid? a device tree overlay?) or choose another line: katydid devices")
    }
}

/// A line found: the chip's path and the line's number on it.
struct Place: Equatable {
    var path: String
    var offset: Int

    init(finding address: LineAddress, in directory: String = "/dev") throws(Failure) {
        let paths = Chip.paths(in: directory)
        guard !paths.isEmpty else {
            throw Failure(.unavailable, "\(address.text)", "this machine has no GPIO chip", "see the edges without one: --gpio-trace")
        }
        var found: [Place] = []
        var locked: Failure?
        for path in paths {
            do throws(Failure) {
                let chip = try Chip(path)
                if let offset = try Place.offset(of: address, on: chip) { found.append(Place(path: path, offset: offset)) }
            } catch {
                // One chip that we may not open doesn't hide the line on another.
                if error.status == .usage { throw error }
                locked = error
            }
        }
        if let place = found.first {
            guard found.count == 1 else {
                throw Failure(
                    .usage, "\(address.text)", "there are \(found.count) lines of that name",
                    "say which by chip and number, as in \(place.path):\(place.offset)")
            }
            self = place
            return
        }
        if let locked { throw locked.of("\(address.text)") }
        throw Failure(.unavailable, "\(address.text)", "no such line", "katydid devices lists those that there are")
    }

    private init(path: String, offset: Int) {
        self.path = path
        self.offset = offset
    }

    private static func offset(of address: LineAddress, on chip: borrowing Chip) throws(Failure) -> Int? {
        switch address {
        case .name(let name):
            for i in 0..<chip.lineCount where chip.line(i)?.name.isSame(as: name) == true { return i }
            return nil
        case .offset(let text, let line):
            guard chip.isCalled(text) else { return nil }
            guard line < chip.lineCount else {
                throw Failure(.usage, "\(address.text)", "\(chip.name) has lines 0 to \(chip.lineCount - 1)", "katydid devices lists them")
            }
            return line
        }
    }
}
