@preconcurrency import CLinux  // getopt(3) has global variables
import Support

/// Command-line options, read by getopt_long(3).
struct Options {
    struct Option {
        let name: StaticString
        /// Whether a value follows.
        let takesValue: Bool

        init(_ name: StaticString, takesValue: Bool = false) {
            self.name = name
            self.takesValue = takesValue
        }
    }

    /// What was given, in order: index into the list of options, and its value.
    private(set) var given: [(option: Int, value: String)] = []
    /// Arguments that are not options.
    private(set) var operands: [String] = []
    private let options: [Option]
    let command: StaticString

    /// Reads the arguments behind the verb `command`. `--help` prints `help` and exits.
    init(_ command: StaticString, help: StaticString, _ options: [Option]) throws(Failure) {
        self.options = options
        self.command = command
        let argc = linux_argc() - 1
        let argv = linux_argv()! + 1

        var table: [option] = []
        for (i, o) in options.enumerated() {
            table.append(Self.entry(o.name, o.takesValue, Int32(i)))
        }
        table.append(Self.entry("help", false, Int32(options.count)))
        table.append(option())

        opterr = 0
        optind = 1
        while true {
            var index: Int32 = -1
            let code = getopt_long(argc, argv, ":h", table, &index)
            if code == -1 { break }
            if code == 104 /* h */ || Int(code) == Self.base + options.count {
                writeAll(help)
                exit(outputStatus(0))
            }
            let text = optind > 0 && optind <= argc ? String(cString: argv[Int(optind) - 1]!) : "?"
            if code == 63 /* ? */ {
                throw Failure(.usage, "\(text)", "unknown option", "see katydid \(command) --help")
            }
            if code == 58 /* : */ {
                throw Failure(.usage, "\(text)", "needs a value", "see katydid \(command) --help")
            }
            given.append((Int(code) - Self.base, optarg.map { String(cString: $0) } ?? ""))
        }
        var i = optind
        while i < argc {
            operands.append(String(cString: argv[Int(i)]!))
            i += 1
        }
    }

    private static let base = 256

    private static func entry(_ name: StaticString, _ takesValue: Bool, _ index: Int32) -> option {
        option(
            name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), has_arg: takesValue ? 1 : 0, flag: nil,
            val: Int32(base) + index)
    }

    private func index(_ name: StaticString) -> Int {
        for (i, o) in options.enumerated() where same(o.name, name) { return i }
        fatalError("an option that is not declared")
    }

    func has(_ name: StaticString) -> Bool {
        let wanted = index(name)
        return given.contains { $0.option == wanted }
    }

    /// All values of an option that may be repeated.
    func values(_ name: StaticString) -> [String] {
        let wanted = index(name)
        return given.filter { $0.option == wanted }.map { $0.value }
    }

    /// The last value given.
    func value(_ name: StaticString) -> String? { values(name).last }

    /// A whole number within `range`.
    func integer(_ name: StaticString, in range: ClosedRange<Int>, default missing: Int) throws(Failure) -> Int {
        guard let text = value(name) else { return missing }
        guard let number = Int(text), range.contains(number) else {
            throw Failure(
                .usage, "--\(name) \(text)", "not a whole number from \(range.lowerBound) to \(range.upperBound)",
                "see katydid \(command) --help")
        }
        return number
    }

    /// The only operand.
    func operand(_ what: String) throws(Failure) -> String {
        guard let first = operands.first else {
            throw Failure(.usage, "\(command)", "\(what) is missing", "see katydid \(command) --help")
        }
        try refuseOperands(after: 1)
        return first
    }

    func refuseOperands(after count: Int) throws(Failure) {
        guard operands.count <= count else {
            throw Failure(.usage, "\(operands[count])", "one argument too many", "see katydid \(command) --help")
        }
    }
}

/// Compares without Unicode's tables.
private func same(_ a: StaticString, _ b: StaticString) -> Bool {
    a.utf8CodeUnitCount == b.utf8CodeUnitCount && memcmp(a.utf8Start, b.utf8Start, a.utf8CodeUnitCount) == 0
}

/// A whole text to a file descriptor.
func writeAll(_ text: StaticString, to fd: Int32 = 1) {
    var done = 0
    while done < text.utf8CodeUnitCount {
        let n = write(fd, text.utf8Start + done, text.utf8CodeUnitCount - done)
        if n < 0 && linux_errno() == EINTR { continue }
        if n <= 0 {
            if fd == 1 { Line.outputError = linux_errno() }
            return
        }
        done += n
    }
}
