import CLinux

/// One line of output being put together in a fixed buffer, written with one write(2): what the
/// audio loop prints with, because `print` and `String` allocate. Too long a line is cut, never grown.
public struct Line: ~Copyable {
    public static let capacity = 1024
    /// errno of the first write to standard output that failed, 0 while none has. One thread writes.
    nonisolated(unsafe) public static var outputError: Int32 = 0

    private let buffer: UnsafeMutablePointer<UInt8>
    public private(set) var count = 0

    public init() { buffer = .allocate(capacity: Line.capacity) }
    deinit { buffer.deallocate() }

    public mutating func clear() { count = 0 }

    public mutating func append(byte: UInt8) {
        // One byte stays free for the newline.
        guard count < Line.capacity - 1 else { return }
        buffer[count] = byte
        count += 1
    }

    @inline(never)
    public mutating func append(_ text: StaticString) {
        for i in 0..<text.utf8CodeUnitCount { append(byte: text.utf8Start[i]) }
    }

    @inline(never)
    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes { append(byte: byte) }
    }

    /// Native strings only hand out their bytes: no allocation.
    @inline(never)
    public mutating func append(_ text: String) {
        for byte in text.utf8 { append(byte: byte) }
    }

    @inline(never)
    public mutating func append(cString text: UnsafePointer<CChar>) {
        var next = text
        while next.pointee != 0 {
            append(byte: UInt8(bitPattern: next.pointee))
            next += 1
        }
    }

    @inline(never)
    public mutating func append(_ value: Int) {
        if value < 0 { append(byte: UInt8(ascii: "-")) }
        var rest = value.magnitude
        var power: UInt = 1
        while rest / power >= 10 { power *= 10 }
        while power > 0 {
            append(byte: UInt8(48 + rest / power))
            rest %= power
            power /= 10
        }
    }

    /// `value` with so many decimals, as printf("%.*f").
    @inline(never)
    public mutating func append(_ value: Double, decimals: Int) {
        let room = Line.capacity - 1 - count
        guard room > 1 else { return }
        let start = UnsafeMutableRawPointer(buffer + count).assumingMemoryBound(to: CChar.self)
        count += Int(linux_format_fixed(start, room, value, Int32(decimals)))
    }

    /// `value` as 0x and its digits.
    public mutating func append(hex value: UInt64) {
        append("0x")
        var shift = 60
        while shift > 0 && value >> UInt64(shift) == 0 { shift -= 4 }
        while shift >= 0 {
            append(byte: hex(UInt8(value >> UInt64(shift) & 15)))
            shift -= 4
        }
    }

    /// Spaces up to `column`, and at least one if the line stands beyond it already.
    @inline(never)
    public mutating func pad(to column: Int) {
        repeat { append(byte: UInt8(ascii: " ")) } while count < column
    }

    /// Moves what was appended since `start` to the right, so that it ends at `column`.
    @inline(never)
    public mutating func align(from start: Int, to column: Int) {
        let shift = column - count
        guard shift > 0, start <= count, column < Line.capacity else { return }
        for i in stride(from: count - 1, through: start, by: -1) { buffer[i + shift] = buffer[i] }
        for i in start..<start + shift { buffer[i] = UInt8(ascii: " ") }
        count = column
    }

    /// `value` right-aligned to end at `column`.
    @inline(never)
    public mutating func append(_ value: Int, endingAt column: Int) {
        let start = count
        append(value)
        align(from: start, to: column)
    }

    @inline(never)
    public mutating func append(_ value: Double, decimals: Int, endingAt column: Int) {
        let start = count
        append(value, decimals: decimals)
        align(from: start, to: column)
    }

    /// `text` as a JSON string, quotes included.
    public mutating func append(json text: String) {
        append(byte: UInt8(ascii: "\""))
        for byte in text.utf8 { append(jsonByte: byte) }
        append(byte: UInt8(ascii: "\""))
    }

    /// One byte of a JSON string.
    @inline(never)
    public mutating func append(jsonByte byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(byte: UInt8(ascii: "\\"))
            append(byte: byte)
        case 0..<0x20:
            append("\\u00")
            append(byte: hex(byte >> 4))
            append(byte: hex(byte & 15))
        default: append(byte: byte)
        }
    }

    private func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? 48 + digit : 87 + digit }

    /// What stands in the line so far.
    public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: buffer, count: count) }

    /// The same with a newline behind it; the line itself is not ended.
    public var ended: UnsafeBufferPointer<UInt8> {
        buffer[count] = UInt8(ascii: "\n")
        return UnsafeBufferPointer(start: buffer, count: count + 1)
    }

    /// Ends the line, writes it to `fd` and begins anew.
    @inline(never)
    public mutating func flush(to fd: Int32 = 1) {
        buffer[count] = UInt8(ascii: "\n")
        count += 1
        write(to: fd)
    }

    /// Writes what stands in the line so far to `fd`, without ending it, and goes on empty: for lines
    /// longer than the buffer.
    @inline(never)
    public mutating func write(to fd: Int32 = 1) {
        var done = 0
        while done < count {
            let n = CLinux.write(fd, buffer + done, count - done)
            if n > 0 {
                done += n
            } else if n < 0 && linux_errno() != EINTR {
                if fd == 1 && Line.outputError == 0 { Line.outputError = linux_errno() }
                break
            }
        }
        count = 0
    }
}
