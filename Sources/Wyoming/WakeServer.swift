import AudioFrontend
import KeywordSpotting
import Sockets
import Support

/// A wake service that speaks the Wyoming protocol (https://github.com/OHF-Voice/wyoming): tells which words there are, and
/// when they are heard: in the sound that a client sends, or, to a client that asks and sends none, in the daemon's own.
///
/// A client's sound is what lies between its `audio-start` and `audio-stop`; each that sends some at the same time needs
/// an ear of its own, and there are as many as listeners were given. Times are ms of the client's own count.
/// Allocates nothing after `init`, but in `change`.
public final class WakeServer: Server {
    private let talks: [Talk]
    private var ears: [Ear]
    private var info: [UInt8]
    private var line = Line()

    /// Clients at once, with or without sound.
    private static let places = 8
    /// ns for which one may do nothing, if it does not wait for the daemon's own words.
    static let patience: Int64 = 30_000_000_000
    /// A client with sound of its own begins to send it right behind `detect`: it is given this long, ns, before what the
    /// daemon hears is taken to be for it.
    static let grace: Int64 = 500_000_000

    /// What is known of one client.
    private final class Talk {
        enum Wish {
            /// Nothing, or not yet.
            case none
            /// What the daemon hears, from this time on.
            case daemon(Int64)
            /// What its own sound says: `ears[…]`.
            case own(Int)
        }

        var parser = EventParser()
        /// Of the event that came last.
        var kind = EventParser.Kind.other
        var wish = Wish.none
        /// For each word, whether it is wanted.
        var wanted: [Bool] = []
        var isChoosy = false
        var hasHeard = false
        var rate = 0, channels = 0
        /// Of the sound's first sample, ms.
        var start = 0
    }

    /// `listeners`: one for each client that sends sound, at least one, all for the same words.
    public init(_ address: String, listeners: [Listener], version: StaticString) throws(Failure) {
        info = Info(listeners[0].models, version: version).bytes
        ears = listeners.map { Ear($0) }
        talks = (0..<WakeServer.places).map { _ in Talk() }
        try super.init(address: address, clients: WakeServer.places, room: info.count + 4096)
        for talk in talks { want(talk, nil) }
    }

    private var words: [Word] { ears[0].listener.words }

    /// Other words from now on. Clients stay, but for those that chose among other words, and those with sound where the number of
    /// ears is another; what others send is heard anew.
    public func change(listeners: [Listener], version: StaticString) {
        let isSame = WakeServer.areSame(words, listeners[0].words)
        info = Info(listeners[0].models, version: version).bytes
        reserve(room: info.count + 4096)
        let isSameNumber = listeners.count == ears.count
        for (i, talk) in talks.enumerated() {
            var stays = isSame || !talk.isChoosy
            if case .own = talk.wish, !isSameNumber { stays = false }
            if !stays {
                clients[i].leave()
                end(talk)
            }
        }
        if isSameNumber {
            for (i, ear) in ears.enumerated() { ear.listener = listeners[i] }
        } else {
            ears = listeners.map { Ear($0) }
        }
        if !isSame { for talk in talks { want(talk, nil) } }
    }

    private static func areSame(_ some: [Word], _ others: [Word]) -> Bool {
        guard some.count == others.count else { return false }
        for (i, word) in some.enumerated() where !word.identifier.isSame(as: others[i].identifier) { return false }
        return true
    }

    /// The daemon's own microphone heard a word. `now`: ns of CLOCK_MONOTONIC; `time`: ns of sound since its start.
    public func heard(word: Int, at now: Int64, time: Int64) {
        for (i, talk) in talks.enumerated() where clients[i].isConnected && talk.wanted[word] {
            guard case .daemon(let since) = talk.wish, now >= since else { continue }
            tell(i, word, milliseconds: Int(time / 1_000_000))
        }
    }

    public override func heed(_ index: Int, _ event: Event, at now: Int64) -> StaticString? {
        let talk = talks[index], client = clients[index]
        switch event {
        case .came:
            talk.parser.reset()
            want(talk, nil)
            client.deadline = now + WakeServer.patience
        case .gone: end(talk)
        case .left: return talk.parser.isAmidEvent ? "left amid an event" : nil
        case .idle: return talk.parser.isAmidEvent ? "stopped amid an event" : "did nothing for 30 s"
        case .sent(var bytes):
            while true {
                switch talk.parser.feed(&bytes) {
                case .more:
                    // Half an event may not stand about for ever, whoever sends it.
                    if talk.parser.isAmidEvent && client.deadline == nil { client.deadline = now + WakeServer.patience }
                    return nil
                case .wrong(let why): return why
                case .payload(let part): if talk.kind == .audioChunk { hear(index, talk, part) }
                case .event(let kind):
                    talk.kind = kind
                    if let why = take(index, talk, kind, now) {
                        // Whether it reads this before it finds the connection closed is its own affair.
                        line.append("{\"type\":\"error\",\"data\":{\"text\":\"")
                        line.append(why)
                        send("\"}}", index)
                        return why
                    }
                }
                if case .daemon = talk.wish { client.deadline = nil } else { client.deadline = now + WakeServer.patience }
            }
        }
        return nil
    }

    private func take(_ index: Int, _ talk: Talk, _ kind: EventParser.Kind, _ now: Int64) -> StaticString? {
        switch kind {
        case .describe: info.withUnsafeBufferPointer { clients[index].send($0) }
        case .ping:
            line.append("{\"type\":\"pong\",\"data\":{\"text\":")
            // As it came: it is JSON already. Line cuts what is too long, and half a text is none.
            if let text = talk.parser.field("text"), text.count < Line.capacity - 64 { line.append(text) } else { line.append("null") }
            send("}}", index)
        case .detect:
            end(talk)
            want(talk, talk.parser.field("names"))
            talk.wish = .daemon(now + WakeServer.grace)
        case .audioStart: return begin(index, talk)
        case .audioChunk:
            guard case .own = talk.wish else { return begin(index, talk) }
            if talk.parser.integer("rate") ?? talk.rate != talk.rate || talk.parser.integer("channels") ?? talk.channels != talk.channels {
                return begin(index, talk)
            }
            if let time = talk.parser.integer("timestamp"), case .own(let ear) = talk.wish {
                talk.start = time - WakeServer.milliseconds(ears[ear].listener.samples)
            }
        case .audioStop:
            guard case .own = talk.wish else { break }
            end(talk)
            if !talk.hasHeard { send("{\"type\":\"not-detected\"}", index) }
        case .other: break
        }
        return nil
    }

    /// Which words, by the value of `names`; all, where it is missing or empty.
    private func want(_ talk: Talk, _ names: UnsafeBufferPointer<UInt8>?) {
        // Of the size that it has to be, unless the words have changed.
        if talk.wanted.count != words.count { talk.wanted = [Bool](repeating: true, count: words.count) }
        for i in talk.wanted.indices { talk.wanted[i] = false }
        talk.isChoosy = false
        if let names {
            JSONText.forEach(of: names) { name in
                talk.isChoosy = true
                for (i, word) in words.enumerated() where JSONText.isString(name, equalTo: word.identifier) { talk.wanted[i] = true }
            }
        }
        if !talk.isChoosy { for i in talk.wanted.indices { talk.wanted[i] = true } }
    }

    /// Sound comes, as the event's fields say.
    private func begin(_ index: Int, _ talk: Talk) -> StaticString? {
        end(talk)
        talk.rate = talk.parser.integer("rate") ?? 0
        talk.channels = talk.parser.integer("channels") ?? 0
        talk.start = talk.parser.integer("timestamp") ?? 0
        talk.hasHeard = false
        guard let free = ears.firstIndex(where: { !$0.isTaken }) else {
            return "has sound when others have too; raise clients ="
        }
        guard talk.parser.integer("width") == 2, ears[free].begin(rate: talk.rate, channels: talk.channels) else {
            return "has sound that is not of 16 bits at a common rate"
        }
        ears[free].isTaken = true
        talk.wish = .own(free)
        return nil
    }

    private func end(_ talk: Talk) {
        if case .own(let ear) = talk.wish { ears[ear].isTaken = false }
        talk.wish = .none
    }

    private func hear(_ index: Int, _ talk: Talk, _ part: UnsafeBufferPointer<UInt8>) {
        guard case .own(let ear) = talk.wish else { return }
        ears[ear].hear(part) { word, sample in
            guard talk.wanted[word] else { return }
            talk.hasHeard = true
            tell(index, word, milliseconds: talk.start + WakeServer.milliseconds(sample))
        }
    }

    private func tell(_ index: Int, _ word: Int, milliseconds: Int) {
        line.append("{\"type\":\"detection\",\"data\":{\"name\":")
        line.append(json: words[word].identifier)
        line.append(",\"timestamp\":")
        line.append(milliseconds)
        send("}}", index)
    }

    private func send(_ end: StaticString, _ index: Int) {
        line.append(end)
        line.append("\n")
        clients[index].send(line.bytes)
        line.clear()
    }

    private static func milliseconds(_ samples: Int) -> Int { samples / (MicroFrontend.sampleRate / 1000) }
}
