extension String {
    /// The same bytes. Names of devices, lines and words are bytes to us; comparing strings with ==
    /// would bring Unicode's normalisation tables into the board's binary.
    public func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
