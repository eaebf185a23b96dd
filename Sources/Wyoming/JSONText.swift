import CLinux

/// Finds its way in JSON without making anything of it.
///
/// The house's cJSON builds a tree, an allocation for each value, while a client is heard beside a microphone; of an event
/// five fields matter. So this walks the text: an object is checked to be one, to its end (numbers and words only so far as they are
/// read), and a field is the part of the text that holds its value. Objects and arrays may stand 16 deep.
public struct JSONText {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether `bytes` are one object and nothing else.
    public static func isObject(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var text = JSONText(bytes)
        guard text.next() == UInt8(ascii: "{"), text.skipValue(16) else { return false }
        return text.next() == nil
    }

    /// The value of the last member `name` of an object, as it stands there; nil: it has none.
    public static func member(_ name: StaticString, of object: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var found: UnsafeBufferPointer<UInt8>?
        var text = JSONText(object)
        guard text.take(UInt8(ascii: "{")) else { return nil }
        while text.next() == UInt8(ascii: "\"") {
            let key = text.position
            guard text.skipString() else { break }
            // No client has a reason to write these names with escapes.
            let isWanted = isQuoted(text.part(from: key), name)
            guard text.take(UInt8(ascii: ":")), text.next() != nil else { break }
            let value = text.position
            guard text.skipValue(16) else { break }
            if isWanted { found = text.part(from: value) }
            guard text.take(UInt8(ascii: ",")) else { break }
        }
        return found
    }

    /// The elements of an array, in order; none of what is no array.
    public static func forEach(of array: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var text = JSONText(array)
        guard text.take(UInt8(ascii: "[")), text.next() != UInt8(ascii: "]") else { return }
        repeat {
            guard text.next() != nil else { return }
            let start = text.position
            guard text.skipValue(16) else { return }
            body(text.part(from: start))
        } while text.take(UInt8(ascii: ","))
    }

    /// A whole number of at most 15 digits; nil for anything else.
    public static func integer(_ value: UnsafeBufferPointer<UInt8>) -> Int? {
        let isNegative = value.first == UInt8(ascii: "-")
        let first = isNegative ? 1 : 0
        guard value.count > first, value.count <= 15 + first else { return nil }
        var number = 0
        for i in first..<value.count {
            guard (48...57).contains(value[i]) else { return nil }
            number = number * 10 + Int(value[i] - 48)
        }
        return isNegative ? -number : number
    }

    /// Whether `value` is a string that says `text`. One written with surrogates (\ud83d\ude00) never is.
    public static func isString(_ value: UnsafeBufferPointer<UInt8>, equalTo text: String) -> Bool {
        guard value.count >= 2, value[0] == UInt8(ascii: "\"") else { return false }
        var i = 1
        // Bytes of UTF-8 that come next, and how many of them.
        var code = 0, left = 0
        for wanted in text.utf8 {
            if left == 0 {
                guard i < value.count - 1 else { return false }
                code = Int(value[i])
                i += 1
                if code == 92 {
                    let escape = value[i]
                    i += 1
                    switch escape {
                    case UInt8(ascii: "b"): code = 8
                    case UInt8(ascii: "f"): code = 12
                    case UInt8(ascii: "n"): code = 10
                    case UInt8(ascii: "r"): code = 13
                    case UInt8(ascii: "t"): code = 9
                    case UInt8(ascii: "u"):
                        code = 0
                        for k in i..<i + 4 { code = code << 4 | hexadecimal(value[k]) }
                        i += 4
                        if code >= 0x80 { (code, left) = utf8(code) }
                    default: code = Int(escape)
                    }
                }
                left = max(left, 1)
            }
            left -= 1
            guard UInt8(truncatingIfNeeded: code >> (8 * left)) == wanted else { return false }
        }
        return left == 0 && i == value.count - 1
    }

    @inline(never)
    private func part(from start: Int) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[start..<position]) }

    /// The next byte that is no space; stays there.
    @inline(never)
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return byte }
            position += 1
        }
        return nil
    }

    @inline(never)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        position += 1
        return true
    }

    @inline(never)
    private mutating func skipString() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return true }
            guard byte >= 32 else { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard position < bytes.count else { return false }
            switch bytes[position] {
            case UInt8(ascii: "u"):
                guard position + 4 < bytes.count else { return false }
                for k in 1...4 where hexadecimal(bytes[position + k]) < 0 { return false }
                position += 5
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                position += 1
            default: return false
            }
        }
        return false
    }

    private mutating func skipValue(_ depth: Int) -> Bool {
        guard let first = next(), depth > 0 else { return false }
        if first == UInt8(ascii: "\"") { return skipString() }
        let isObject = first == UInt8(ascii: "{")
        guard isObject || first == UInt8(ascii: "[") else { return skipWord() }
        // { and }, [ and ] are two apart.
        let end = first + 2
        position += 1
        if take(end) { return true }
        repeat {
            if isObject { guard skipString(), take(UInt8(ascii: ":")) else { return false } }
            guard skipValue(depth - 1) else { return false }
        } while take(UInt8(ascii: ","))
        return take(end)
    }

    /// A number, true, false or null, or what is none of them: nobody asks.
    private mutating func skipWord() -> Bool {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte <= 34 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") || byte | 32 == UInt8(ascii: "}") { break }
            position += 1
        }
        return position > start
    }

    @inline(never)
    static func `is`(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        return memcmp(bytes.baseAddress!, text.utf8Start, bytes.count) == 0
    }

    /// Whether `bytes` are `text` between quotes.
    static func isQuoted(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        `is`(UnsafeBufferPointer(rebasing: bytes[1..<bytes.count - 1]), text)
    }
}

/// A character beyond ASCII, of 16 bits, as two or three bytes of UTF-8; a surrogate as bytes that no text has.
private func utf8(_ code: Int) -> (bytes: Int, count: Int) {
    let last = 0x80 | code & 63, middle = 0x80 | code >> 6 & 63
    if code < 0x800 { return ((0xc0 | code >> 6) << 8 | last, 2) }
    return code >> 11 == 27 ? (0xffff, 2) : ((0xe0 | code >> 12) << 16 | middle << 8 | last, 3)
}

/// −1 for what is no digit.
private func hexadecimal(_ byte: UInt8) -> Int {
    switch byte {
    case 48...57: Int(byte) - 48
    case 65...70: Int(byte) - 55
    case 97...102: Int(byte) - 87
    default: -1
    }
}
