/// Text for people, with values in it: `"line \(number) of \(path)"`, as one writes a String.
///
/// A type of its own because of size. The compiler unfolds a String's interpolation to some forty
/// instructions a part wherever one stands, and a program full of errors that say what, why and what to
/// do had a third of its code in them. Here a part is one call.
public struct Message: ExpressibleByStringInterpolation, Sendable {
    public var string: String

    @inline(never)
    public init(stringLiteral value: StaticString) {
        var parts = StringInterpolation(literalCapacity: 0, interpolationCount: 0)
        parts.appendLiteral(value)
        string = parts.string
    }

    @inline(never)
    public init(stringInterpolation: StringInterpolation) { string = stringInterpolation.string }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var string = ""

        @inline(never)
        public init(literalCapacity: Int, interpolationCount: Int) {}

        @inline(never)
        public mutating func appendLiteral(_ literal: StaticString) { string += literal.description }

        @inline(never)
        public mutating func appendInterpolation(_ value: String) { string += value }

        public mutating func appendInterpolation(_ value: StaticString) { appendLiteral(value) }

        @inline(never)
        public mutating func appendInterpolation(_ value: Int) { string += String(value) }

        public mutating func appendInterpolation(_ value: Message) { appendInterpolation(value.string) }

        public mutating func appendInterpolation(_ value: some BinaryInteger) { appendInterpolation(Int(value)) }
    }
}
