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

    private struct Entry: ~Copyable {
        let name: String
        let activeLow: Bool
        var line: OutputLine?
        var pattern = OutputPattern()
        var hasFailed = false
    }

    private struct Trigger {
        /// nil: any.
        var word: Int?
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
                let word = try Outputs.index(of: spec, in: words)
                var entry = Outputs.find(spec.address.text, in: entries, count)
                if entry == nil {
                    let line = driving ? try OutputLine(spec.address, activeLow: spec.activeLow) : nil
                    (entries.baseAddress! + count).initialize(
                        to: Entry(name: spec.address.text, activeLow: spec.activeLow, line: line))
                    entry = count
                    count += 1
                }
                guard let entry else { continue }
                guard entries[entry].activeLow == spec.activeLow else {
                    throw Failure(
                        .usage, "--gpio \(spec.address.text)", "active-low for one word and not for another",
                        "write active-low with both or with none")
                }
                triggers.append(Trigger(word: word, entry: entry, action: spec.action))
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

    /// Every line is made inactive and given back.
    deinit {
        for i in entries.indices { (entries.baseAddress! + i).deinitialize(count: 1) }
        UnsafeMutableRawPointer(entries.baseAddress)?.deallocate()
    }

    /// Starts what `word`, an index into the words given to `init`, is to do.
    public mutating func heard(word: Int, at now: Int64) {
        advance(to: now)
        for trigger in triggers where trigger.word == nil || trigger.word == word {
            entries[trigger.entry].pattern.start(trigger.action, at: now)
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
        trace?.print(edge, of: entries[i].name)
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

    private static func index(of spec: OutputSpec, in words: [String]) throws(Failure) -> Int? {
        guard let word = spec.word else { return nil }
        if let i = words.firstIndex(where: { $0.isSame(as: word) }) { return i }
        var list = words.first ?? "none"
        for other in words.dropFirst() { list += ", " + other }
        throw Failure(.usage, "--gpio \(word)=\(spec.address.text)", "no model listens for \(word)", "the words are: \(list)")
    }
}
