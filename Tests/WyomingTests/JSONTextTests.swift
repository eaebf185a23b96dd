import Testing

@testable import Wyoming

@Suite struct JSONTextTests {
    private func with<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        Array(text.utf8).withUnsafeBufferPointer(body)
    }

    @Test(arguments: [
        "{}", " { } \r\n", #"{"a":1}"#, #"{"a":-1.5e+3,"b":[],"c":[1,[2,{}]],"d":{"e":null},"f":true,"g":false}"#, #"{"":""}"#,
        #"{"a":"\"\\\/\b\f\n\r\t\u00e9"}"#, "{\"a\" : \"é\"}",
    ])
    func objects(text: String) { #expect(with(text) { JSONText.isObject($0) }) }

    @Test(arguments: [
        "", "{", "}", "[]", "1", "{}{}", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, #"{"a":"b}"#, #"{"a":"\x"}"#,
        #"{"a":"\u12"}"#, #"{"a":"\u12g4"}"#, #"{"a":[}]}"#, #"{"a":[1 2]}"#, "{\"a\":\"\n\"}", #"{"a":1]"#, #"{"a":}"#, #"{"a":"\"#, #"{"a":"\u123"#,
        #"{"a":"# + String(repeating: "[", count: 20) + String(repeating: "]", count: 20) + "}",
    ])
    func noObjects(text: String) { #expect(!with(text) { JSONText.isObject($0) }) }

    @Test(arguments: [
        (#""okay_nabu""#, "okay_nabu", true), (#""okay_nab""#, "okay_nabu", false), (#""okay_nabus""#, "okay_nabu", false), (#""\u006fkay""#, "okay", true),
        (#""\u00e9\u20ac""#, "é€", true), (#""é€""#, "é€", true), (#""\"\\\/\n""#, "\"\\/\n", true), (#""\ud83d\ude00""#, "😀", false), (#""😀""#, "😀", true),
        ("null", "null", false), (#""""#, "", true),
    ])
    func strings(json: String, text: String, isEqual: Bool) {
        #expect(with(json) { JSONText.isString($0, equalTo: text) } == isEqual)
    }

    @Test(arguments: [
        ("0", 0), ("-7", -7), ("123456789012345", 123_456_789_012_345), ("1234567890123456", nil), ("1.0", nil), ("-", nil), ("", nil), (#""1""#, nil), ("null", nil),
    ])
    func integers(text: String, value: Int?) { #expect(with(text) { JSONText.integer($0) } == value) }

    @Test func elements() {
        func elements(_ text: String) -> [String] {
            var found: [String] = []
            with(text) { JSONText.forEach(of: $0) { found.append(String(decoding: $0, as: UTF8.self)) } }
            return found
        }
        #expect(elements(#"[ "a" , 1,[2,3] ]"#) == [#""a""#, "1", "[2,3]"])
        #expect(elements("[]") == [] && elements("null") == [] && elements("{}") == [])
    }
}
