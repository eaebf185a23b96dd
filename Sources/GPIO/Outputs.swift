import Support

/// All lines that words move: several words may share a line, and one word move several.
///
///     var outputs = try Outputs(specs, words: ["okay_nabu"], driving: true)
///     outputs.heard(word: 0, at: now)      // a detection
///     outputs.advance(to: now)             // whenever the clock has moved; `deadline` says when it must have
///     outputs.makeSafe(at: now)            // at the end
///
/// Times are ns on one clock of the caller's. Nothing allocates after `init`.
public struct Outputs: ~Copyable {
    /// The last line that the kernel refused to move. It is left alone from then on; listening goes on.
    private var failure: Failure?

    private let entries: UnsafeMutableBufferPointer<Entry>
    private let triggers: [Trigger]
    private var trace: TraceOutput?
    /// Which states last, a bit each.
    private var lasting = 0

    private struct Entry: ~Copyable {
        let name: String
        let wiring: Wiring
        var line: OutputLine?
        var pattern = OutputPattern()
        var hasFailed = false
    }

    /// What lasts, and lines may show.
    public enum State: Int, Sendable, CaseIterable {
        case listening, muted, error

        var name: StaticString {
            switch self {
            case .listening: "@listening"
            case .muted: "@muted"
            case .error: "@error"
            }
        }
    }

    private enum Occasion: Equatable {
        case anyWord
        case word(Int)
        case state(State)
    }

    private struct Trigger {
        var occasion: Occasion
        var entry: Int
        var action: OutputAction
    }

    /// `words` are those that can be heard, in the order of `heard(word:)`. With `driving`, lines are taken
    /// and made inactive; with `trace`, edges are printed to `fd`.
    /// Throws `Failure` for a word that nobody listens for, contradicting specs, and lines that cannot be taken.
    public init(
        _ specs: [OutputSpec], words: [String], driving: Bool, trace style: TraceOutput.Style? = nil, to fd: Int32 = 1
    ) throws(Failure) {
        // There are as many lines as specs at most; in one allocation, as arrays cannot hold owners.
        let entries = UnsafeMutableBufferPointer<Entry>.allocate(capacity: specs.count)
        var count = 0
        var triggers: [Trigger] = []
        do throws(Failure) {
            for spec in specs {
                let occasion = try Outputs.occasion(of: spec, words)
                var entry = Outputs.find(spec.address.text, in: entries, count)
                if entry == nil {
                    let line = driving ? try OutputLine(spec.address, spec.wiring) : nil
                    (entries.baseAddress! + count).initialize(
                        to: Entry(name: spec.address.text, wiring: spec.wiring, line: line))
                    entry = count
                    count += 1
                }
                guard let entry else { continue }
                guard entries[entry].wiring == spec.wiring else {
                    throw Failure(
                        .usage, "--gpio \(spec.address.text)", "wired one way for one word and another way for another",
                        "write active-low and the like with both or with none")
                }
                triggers.append(Trigger(occasion: occasion, entry: entry, action: spec.action))
            }
        } catch {
            for i in 0..<count { (entries.baseAddress! + i).deinitialize(count: 1) }
            entries.deallocate()
            throw error
        }
        self.entries = UnsafeMutableBufferPointer(start: entries.baseAddress, count: count)
        self.triggers = triggers
        trace = style.map { TraceOutput($0, to: fd) }
    }

    /// No lines.
    public static var none: Outputs { Outputs() }

    private init() {
        entries = UnsafeMutableBufferPointer(start: nil, count: 0)
        triggers = []
    }

    /// Every line is made inactive and given back.
    deinit {
        for i in entries.indices { (entries.baseAddress! + i).deinitialize(count: 1) }
        UnsafeMutableRawPointer(entries.baseAddress)?.deallocate()
    }

    /// Starts what `word`, an index into the words given to `init`, is to do.
    public mutating func heard(word: Int, at now: Int64) {
        advance(to: now)
        for trigger in triggers where trigger.occasion == .anyWord || trigger.occasion == .word(word) {
            entries[trigger.entry].pattern.start(trigger.action, at: now)
        }
        advance(to: now)
    }

    /// Begins what is to be seen while `state` lasts, or ends it.
    public mutating func show(_ state: State, _ lasts: Bool, at now: Int64) {
        let bit = 1 << state.rawValue
        guard (lasting & bit != 0) != lasts else { return }
        lasting ^= bit
        advance(to: now)
        for trigger in triggers where trigger.occasion == .state(state) {
            entries[trigger.entry].pattern.start(lasts ? trigger.action : .clear, at: now)
        }
        advance(to: now)
    }

    /// Moves the lines whose time has come by `now`.
    public mutating func advance(to now: Int64) {
        for i in entries.indices {
            while let edge = entries[i].pattern.next(by: now) { apply(edge, to: i) }
        }
    }

    /// The newest failed write that was not told yet.
    public mutating func takeFailure() -> Failure? {
        let newest = failure
        failure = nil
        return newest
    }

    /// When `advance` is next needed; nil: not before something is heard.
    public var deadline: Int64? {
        var first: Int64?
        for i in entries.indices {
            if let time = entries[i].pattern.deadline { first = min(first ?? time, time) }
        }
        return first
    }

    /// Makes every line inactive, whatever it was doing.
    public mutating func makeSafe(at now: Int64) {
        advance(to: now)
        for i in entries.indices { entries[i].pattern.start(.clear, at: now) }
        advance(to: now)
    }

    private mutating func apply(_ edge: Edge, to i: Int) {
        if !entries[i].pattern.isBreathing { trace?.print(edge, of: entries[i].name) }
        guard entries[i].line != nil, !entries[i].hasFailed else { return }
        do throws(Failure) {
            try entries[i].line?.set(edge.active)
        } catch {
            entries[i].hasFailed = true
            failure = error
        }
    }

    private static func find(_ name: String, in entries: UnsafeMutableBufferPointer<Entry>, _ count: Int) -> Int? {
        for i in 0..<count where entries[i].name.isSame(as: name) { return i }
        return nil
    }

    private static func occasion(of spec: OutputSpec, _ words: [String]) throws(Failure) -> Occasion {
        guard let word = spec.word else { return .anyWord }
        if spec.isState {
            for state in State.allCases where word.isSame(as: state.name.description) { return .state(state) }
            throw Failure(.usage, "--gpio \(word)=\(spec.address.text)", "no such state", "the states are: @listening, @muted, @error")
        }
        return .word(try words.index(ofWord: word, for: "--gpio \(word)=\(spec.address.text)"))
    }
}
