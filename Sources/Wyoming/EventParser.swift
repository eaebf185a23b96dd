import Support

/// Takes the events of the Wyoming protocol out of a stream of bytes, however it is cut.
///
/// An event is a line of JSON, `{"type", "data"?, "data_length"?, "payload_length"?}`, then so many bytes of more data, whose
/// members count before those of `data`, then the payload. The payload is handed on as it comes and kept nowhere; line
/// and data stay in a fixed buffer. Allocates nothing after `init`.
public struct EventParser: ~Copyable {
    /// Bytes of a line, its data and its payload. A second of sound at 48 kHz in stereo has 192,000.
    public static let headerLimit = 2048, dataLimit = 4096, payloadLimit = 1 << 20

    public enum Kind: UInt8, Sendable {
        case describe, detect, audioStart, audioChunk, audioStop, ping
        /// One that a wake service need not know.
        case other
    }

    public enum Step {
        /// All bytes are used up.
        case more
        /// The fields of an event are there: its payload follows.
        case event(Kind)
        case payload(UnsafeBufferPointer<UInt8>)
        /// No event; nothing that follows can be one.
        case wrong(StaticString)
    }

    /// `done`: the fields of the last event are still there to be asked for.
    private enum State { case header, data, payload, done }

    private let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: EventParser.headerLimit + EventParser.dataLimit)
    private var state = State.header
    private var headerCount = 0
    private var dataCount = 0
    private var dataLength = 0
    private var payloadLeft = 0

    public init() {}
    deinit { text.deallocate() }

    public mutating func reset() {
        state = .header
        headerCount = 0
        dataLength = 0
    }

    /// Whether an event has begun and not ended.
    public var isAmidEvent: Bool { state != .done && (state != .header || headerCount > 0) }

    /// Takes bytes from the front of `bytes` until something is complete.
    public mutating func feed(_ bytes: inout UnsafeBufferPointer<UInt8>) -> Step {
        while !bytes.isEmpty {
            switch state {
            case .done: reset()
            case .header:
                let byte = bytes[0]
                drop(1, of: &bytes)
                if byte != UInt8(ascii: "\n") {
                    guard headerCount < EventParser.headerLimit else { return .wrong("sent too long a line; no Wyoming client?") }
                    text[headerCount] = byte
                    headerCount += 1
                    continue
                }
                if let step = endHeader() { return step }
            case .data:
                let count = min(bytes.count, dataLength - dataCount)
                for i in 0..<count { text[headerCount + dataCount + i] = bytes[i] }
                dataCount += count
                drop(count, of: &bytes)
                if dataCount == dataLength { return endData() }
            case .payload:
                let part = UnsafeBufferPointer(rebasing: bytes[..<min(bytes.count, payloadLeft)])
                payloadLeft -= part.count
                drop(part.count, of: &bytes)
                if payloadLeft == 0 { state = .done }
                return .payload(part)
            }
        }
        return .more
    }

    private func drop(_ count: Int, of bytes: inout UnsafeBufferPointer<UInt8>) { bytes = UnsafeBufferPointer(rebasing: bytes[count...]) }

    /// Of the event that came last, the value of the field `name`: JSON. nil: it has none.
    public func field(_ name: StaticString) -> UnsafeBufferPointer<UInt8>? {
        if dataLength > 0, let value = JSONText.member(name, of: data) { return value }
        guard let object = JSONText.member("data", of: header) else { return nil }
        return JSONText.member(name, of: object)
    }

    public func integer(_ name: StaticString) -> Int? { field(name).flatMap { JSONText.integer($0) } }

    private var header: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: text[..<headerCount]) }
    private var data: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: text[headerCount..<headerCount + dataLength]) }

    private mutating func endHeader() -> Step? {
        guard JSONText.isObject(header) else { return .wrong("sent a line that is no JSON object; no Wyoming client?") }
        guard let dataLength = length("data_length", EventParser.dataLimit), let payload = length("payload_length", EventParser.payloadLimit) else {
            return .wrong("sent an event that is too long")
        }
        self.dataLength = dataLength
        payloadLeft = payload
        dataCount = 0
        if dataLength == 0 { return endData() }
        state = .data
        return nil
    }

    /// 0 where it is missing or null, as the real client takes it; nil beyond `limit`.
    private func length(_ name: StaticString, _ limit: Int) -> Int? {
        guard let value = JSONText.member(name, of: header), !JSONText.is(value, "null") else { return 0 }
        guard let length = JSONText.integer(value), length <= limit else { return nil }
        return max(length, 0)
    }

    private mutating func endData() -> Step {
        guard dataLength == 0 || JSONText.isObject(data) else { return .wrong("sent data that are no JSON object") }
        guard let type = JSONText.member("type", of: header), type.first == UInt8(ascii: "\"") else { return .wrong("sent an event without a type") }
        state = payloadLeft > 0 ? .payload : .done
        return .event(EventParser.kind(type))
    }

    private static func kind(_ type: UnsafeBufferPointer<UInt8>) -> Kind {
        if JSONText.isQuoted(type, "audio-chunk") { return .audioChunk }
        if JSONText.isQuoted(type, "audio-start") { return .audioStart }
        if JSONText.isQuoted(type, "audio-stop") { return .audioStop }
        if JSONText.isQuoted(type, "describe") { return .describe }
        if JSONText.isQuoted(type, "detect") { return .detect }
        return JSONText.isQuoted(type, "ping") ? .ping : .other
    }
}
