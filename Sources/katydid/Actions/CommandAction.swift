import Support

/// A program to run when a word is heard: its arguments as they are, without a shell in between.
struct CommandAction {
    /// nil: any.
    var word: String?
    var arguments: [String]
    /// ns after which it is killed.
    var timeout: Int64

    /// What stands between spaces; "…" keeps spaces together.
    static func words(of text: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isQuoted = false, isWord = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") {
                isQuoted = !isQuoted
                isWord = true
            } else if !isQuoted && (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")) {
                if isWord { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                isWord = false
            } else {
                word.append(byte)
                isWord = true
            }
        }
        if isWord { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
