extension String {
    /// The same bytes. Names of devices, lines and words are bytes to us; comparing strings with ==
    /// would bring Unicode's normalisation tables into the board's binary.
    public func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension [String] {
    /// Which of these words, that can be heard, is called `name`. Throws `Failure` that lists them, said of `what`.
    public func index(ofWord name: String, for what: Message) throws(Failure) -> Int {
        var list = ""
        for (i, word) in enumerated() {
            if word.isSame(as: name) { return i }
            list += (i > 0 ? ", " : "") + word
        }
        throw Failure(.usage, what, "no model listens for \(name)", "the words are: \(list)")
    }
}
