import GPIO
import Support

/// The keys that describe a GPIO line; together they make what one writes behind `--gpio`.
struct OutputKeys {
    private(set) var line: String?
    private var action: String?
    private var options = ""

    /// False for a key that is none of these.
    mutating func set(_ key: String, _ value: String) throws(Failure) -> Bool {
        let name = Array(key.utf8)[...]
        if equal(name, "line") {
            line = value
        } else if equal(name, "action") {
            action = value
        } else if equal(name, "active-low") {
            if try Value(key: key, text: value).bool() { options += ",active-low" }
        } else if equal(name, "bias") || equal(name, "drive") {
            if !equal(Array(value.utf8)[...], "push-pull") && !equal(Array(value.utf8)[...], "as-is") { options += "," + value }
        } else {
            return false
        }
        return true
    }

    func spec(word: String) throws(Failure) -> OutputSpec {
        let prefix = OutputKeys.isAny(word) ? "" : word + "="
        return try OutputSpec(parsing: prefix + (line ?? "") + (action.map { ":" + $0 } ?? "") + options)
    }

    static func isAny(_ word: String) -> Bool { equal(Array(word.utf8)[...], "any") }
}
