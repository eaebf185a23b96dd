import Support

/// What happens to a line when a word is heard.
public enum OutputAction: Equatable, Sendable {
    case set, clear, toggle
    /// Active for so many ns. Heard again meanwhile, it begins anew: one longer pulse.
    case pulse(Int64)
    /// Active for so many ns, inactive for as many, `count` times; nil: until the line's next action.
    case blink(Int64, count: Int?)
    /// Brighter and darker, once in so many ns: by software, an LED's pleasure and nothing for a motor.
    case breathe(Int64)
}

/// Which line, in the user's words.
public enum LineAddress: Equatable, Sendable {
    /// A line's own name, such as `GPIO17`, whichever chip has it.
    case name(String)
    /// A chip by name, label or number, and the number of a line on it: `gpiochip0:17`, `pinctrl-rp1:17`.
    case offset(chip: String, line: Int)

    /// As the user writes it.
    public var text: String {
        switch self {
        case .name(let name): name
        case .offset(let chip, let line): "\(chip):\(line)"
        }
    }
}

/// The argument of `--gpio`: `[WORD=]LINE[:ACTION][,OPTION]...`.
///
///     GPIO17                              any word: 500 ms active
///     okay_nabu=GPIO17:toggle             this word only
///     gpiochip0:17:blink=200ms*3,active-low
///     @muted=GPIO22,open-drain            active as long as the microphone is muted
public struct OutputSpec: Equatable, Sendable {
    /// nil: any word. Names of states begin with @: `@listening`, `@muted`, `@error`.
    public var word: String?
    public var address: LineAddress
    public var action: OutputAction
    public var wiring: Wiring

    /// Whether it follows a state and no word.
    public var isState: Bool { OutputSpec.isState(word) }

    private static func isState(_ word: String?) -> Bool { word?.utf8.first == UInt8(ascii: "@") }

    public static let defaultPulse: Int64 = 500_000_000  // ns

    public init(word: String? = nil, address: LineAddress, action: OutputAction = .pulse(defaultPulse), wiring: Wiring = Wiring()) {
        self.word = word
        self.address = address
        self.action = action
        self.wiring = wiring
    }

    /// Throws `Failure` that says which part of `text` is wrong.
    public init(parsing text: String) throws(Failure) {
        func bad(_ why: Message, _ remedy: Message) -> Failure { Failure(.usage, "--gpio \(text)", why, remedy) }

        var parts = split(Array(text.utf8)[...], at: UInt8(ascii: ","))
        var rest = parts.removeFirst()
        wiring = Wiring()
        for option in parts {
            guard let more = Wiring(wiring, adding: option) else {
                throw bad("unknown option \(string(option))", "use one of: \(Wiring.options)")
            }
            wiring = more
        }

        // A word's = stands before the line's first colon, an action's behind it.
        let colon = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
        if let equals = rest[..<colon].firstIndex(of: UInt8(ascii: "=")) {
            guard equals > rest.startIndex else { throw bad("no word before =", "write WORD=LINE:ACTION, or LINE:ACTION for any word") }
            word = string(rest[..<equals])
            rest = rest[(equals + 1)...]
        }

        var fields = split(rest, at: UInt8(ascii: ":"))[...]
        let line = fields.removeFirst()
        guard !line.isEmpty else { throw bad("no line", "name one, such as GPIO17 (katydid devices lists them)") }
        if let first = fields.first, let offset = decimal(first) {
            address = .offset(chip: string(line), line: offset)
            fields.removeFirst()
        } else {
            address = .name(string(line))
        }
        // A state lasts.
        action = OutputSpec.isState(word) ? .set : .pulse(OutputSpec.defaultPulse)
        if let first = fields.popFirst() {
            switch OutputAction.parse(first) {
            case .action(let parsed): action = parsed
            case .bad(let why, let remedy): throw bad(why, remedy)
            }
        }
        if let more = fields.first { throw bad("one action a line, and there is \(string(more)) too", "give --gpio twice") }
    }
}

extension OutputAction {
    enum Parsed {
        case action(OutputAction)
        case bad(Message, Message)
    }

    static func parse(_ text: Bytes) -> Parsed {
        let equals = text.firstIndex(of: UInt8(ascii: "="))
        let verb = text[..<(equals ?? text.endIndex)]
        let value = equals.map { text[($0 + 1)...] }
        let names: StaticString = "set, clear, toggle, pulse, blink, breathe"

        for (name, action) in [("set", OutputAction.set), ("clear", .clear), ("toggle", .toggle)] as [(StaticString, OutputAction)]
        where equal(verb, name) {
            return value == nil ? .action(action) : .bad("\(string(verb)) takes no value", "write \(string(verb)) alone")
        }
        if equal(verb, "pulse") {
            guard let value else { return .action(.pulse(OutputSpec.defaultPulse)) }
            guard let time = duration(value) else { return badDuration(value, "pulse=500ms") }
            return .action(.pulse(time))
        }
        if equal(verb, "blink") {
            guard let value else { return .bad("how fast?", "write blink=200ms, or blink=200ms*3 for three times") }
            let star = value.firstIndex(of: UInt8(ascii: "*"))
            guard let time = duration(value[..<(star ?? value.endIndex)]) else { return badDuration(value, "blink=200ms*3") }
            guard let star else { return .action(.blink(time, count: nil)) }
            guard let count = decimal(value[(star + 1)...]), (1...1_000_000).contains(count) else {
                return .bad("\(string(value[(star + 1)...])) is no number of times", "give one from 1 to 1000000")
            }
            return .action(.blink(time, count: count))
        }
        if equal(verb, "breathe") {
            guard let value else { return .action(.breathe(4_000_000_000)) }
            guard let time = duration(value), time >= 500_000_000 else { return badDuration(value, "breathe=4s") }
            return .action(.breathe(time))
        }
        return .bad(verb.isEmpty ? "no action after :" : "unknown action \(string(verb))", "use one of: \(names)")
    }

    private static func badDuration(_ value: Bytes, _ example: StaticString) -> Parsed {
        .bad("\(string(value)) is no time from 1ms to 1h", "write it as in \(example), with ms, s, min or h")
    }
}
