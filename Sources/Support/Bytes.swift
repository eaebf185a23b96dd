// Parsing goes by bytes: all that we look for is ASCII, and Embedded Swift then needs no tables of characters.

public typealias Bytes = ArraySlice<UInt8>

public func string(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }

@inline(never)
public func equal(_ bytes: Bytes, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    for i in 0..<bytes.count where bytes[bytes.startIndex + i] != text.utf8Start[i] { return false }
    return true
}

/// Never empty; the parts may be.
@inline(never)
public func split(_ bytes: Bytes, at separator: UInt8) -> [Bytes] {
    var parts: [Bytes] = []
    var start = bytes.startIndex
    for i in bytes.indices where bytes[i] == separator {
        parts.append(bytes[start..<i])
        start = i + 1
    }
    parts.append(bytes[start...])
    return parts
}

/// Digits only, up to nine of them.
@inline(never)
public func decimal(_ bytes: Bytes) -> Int? {
    guard (1...9).contains(bytes.count) else { return nil }
    var value = 0
    for byte in bytes {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
    }
    return value
}

/// `500ms`, `1.5s`, `2min`, `1h` in ns; nil for anything else, and for what is not within 1 ms and 1 h.
public func duration(_ bytes: Bytes) -> Int64? {
    let units: [(StaticString, Int64)] = [("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000), ("h", 3_600_000_000_000)]
    let end = bytes.firstIndex { !(48...57).contains($0) && $0 != UInt8(ascii: ".") } ?? bytes.endIndex
    guard let unit = units.first(where: { equal(bytes[end...], $0.0) })?.1 else { return nil }
    let parts = split(bytes[..<end], at: UInt8(ascii: "."))
    guard parts.count <= 2, let whole = decimal(parts[0]), whole <= 3_600_000 else { return nil }
    var time = Int64(whole) * unit
    if parts.count == 2 {
        guard parts[1].count <= 3, let fraction = decimal(parts[1]) else { return nil }
        var scale: Int64 = 1
        for _ in parts[1] { scale *= 10 }
        time += Int64(fraction) * unit / scale
    }
    return (1_000_000...3_600_000_000_000).contains(time) ? time : nil
}
