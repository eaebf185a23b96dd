import CLinux
import Sockets
import Support

/// The right side of `KEY = VALUE`, which throws `Failure` where it is not what it should be.
struct Value {
    let key: String
    let text: String

    func bad(_ why: Message) -> Failure {
        Failure(.configuration, "\(key) = \(text)", why, "correct this line")
    }

    func integer(in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw bad("not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `200ms`, `1.5s`, `2min`, `1h`, in ns.
    func time() throws(Failure) -> Int64 {
        guard let time = duration(Array(text.utf8)[...]) else { throw bad("no time from 1ms to 1h, as in 200ms") }
        return time
    }

    func milliseconds(in range: ClosedRange<Int>) throws(Failure) -> Int {
        let time = Int(try self.time() / 1_000_000)
        guard range.contains(time) else { throw bad("not from \(range.lowerBound)ms to \(range.upperBound)ms") }
        return time
    }

    /// 0…1.
    func share() throws(Failure) -> Double {
        var value = 0.0
        guard linux_parse_real(text, &value) != 0, (0...1).contains(value) else { throw bad("not a number from 0 to 1") }
        return value
    }

    /// Where a socket listens.
    func address() throws(Failure) -> String {
        try Server.check(text)
        return text
    }

    func bool() throws(Failure) -> Bool {
        let bytes = Array(text.utf8)[...]
        if equal(bytes, "yes") || equal(bytes, "true") || equal(bytes, "on") { return true }
        if equal(bytes, "no") || equal(bytes, "false") || equal(bytes, "off") { return false }
        throw bad("neither yes nor no")
    }
}
