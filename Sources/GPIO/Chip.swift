import CGPIOD
import CLinux
import Support

/// What the kernel tells about one GPIO line.
public struct LineInfo: Sendable {
    public let offset: Int
    /// Empty for a line without a name.
    public let name: String
    /// Who holds the line: empty where nobody does, or where the kernel doesn't say.
    public let consumer: String
    public let isUsed: Bool
    public let isOutput: Bool
}

/// An open GPIO chip: `/dev/gpiochip0`.
public struct Chip: ~Copyable {
    public let path: String
    /// `gpiochip0`
    public let name: String
    /// What the driver calls it, the same on every boot: `pinctrl-bcm2711`.
    public let label: String
    public let lineCount: Int
    let handle: OpaquePointer

    /// Throws `Failure` for a path that is no GPIO chip, or that we may not open.
    public init(_ path: String) throws(Failure) {
        guard let handle = gpiod_chip_open(path) else {
            throw .system("\(path)", linux_errno() == EACCES ? joinGroup : "katydid devices lists the chips that there are")
        }
        var name = gpio_line()
        var label = gpio_line()
        let count = withUnsafeMutablePointer(to: &name.name) { name in
            withUnsafeMutablePointer(to: &label.name) { label in
                gpio_chip_about(handle, characters(name), characters(label))
            }
        }
        guard count >= 0 else {
            let failure = Failure.system("\(path)", "load the chip's driver again")
            gpiod_chip_close(handle)
            throw failure
        }
        self.path = path
        self.handle = handle
        self.name = text(of: &name.name)
        self.label = text(of: &label.name)
        lineCount = Int(count)
    }

    deinit { gpiod_chip_close(handle) }

    /// nil when there is no such line, or when the kernel doesn't tell.
    public func line(_ offset: Int) -> LineInfo? {
        var line = gpio_line()
        guard (0..<lineCount).contains(offset), gpio_line_about(handle, UInt32(offset), &line) == 0 else { return nil }
        return LineInfo(
            offset: offset, name: text(of: &line.name), consumer: text(of: &line.consumer), isUsed: line.used,
            isOutput: line.output)
    }

    /// Whether the user means this chip: by name, label, number or path.
    func isCalled(_ text: String) -> Bool {
        text.isSame(as: name) || text.isSame(as: label) || text.isSame(as: path) || ("gpiochip" + text).isSame(as: name)
    }

    /// All chips in `directory`, by number. Links are left out: old names of chips that were renumbered.
    public static func paths(in directory: String = "/dev") -> [String] {
        guard let list = opendir(directory) else { return [] }
        defer { closedir(list) }
        var numbers: [Int] = []
        while let entry = readdir(list) {
            let name = Array(text(of: &entry.pointee.d_name).utf8)
            guard name.count > 8, equal(name[..<8], "gpiochip"), let number = decimal(name[8...]) else { continue }
            var status = stat()
            let isDevice = lstat(path(number, in: directory), &status) == 0 && Int32(bitPattern: status.st_mode) & S_IFMT == S_IFCHR
            if isDevice { numbers.insert(number, at: numbers.firstIndex { $0 > number } ?? numbers.count) }
        }
        return numbers.map { path($0, in: directory) }
    }

    private static func path(_ number: Int, in directory: String) -> String { Message("\(directory)/gpiochip\(number)").string }
}

let joinGroup: Message = "join the group: sudo usermod -aG gpio $USER, then log in again"

private func characters<T>(_ array: UnsafeMutablePointer<T>) -> UnsafeMutablePointer<CChar> {
    UnsafeMutableRawPointer(array).assumingMemoryBound(to: CChar.self)
}

/// A C array of characters, which Swift sees as a tuple.
private func text<T>(of array: inout T) -> String {
    withUnsafeMutablePointer(to: &array) { String(cString: characters($0)) }
}
