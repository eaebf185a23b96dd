/// How often each class was taken for which.
public struct Confusion: Codable, Sendable, Equatable {
    public let classes: [String]
    /// [what it was, what was said]
    public private(set) var counts: [[Int]]

    public init(_ classes: [String]) {
        self.classes = classes
        counts = Array(repeating: Array(repeating: 0, count: classes.count), count: classes.count)
    }

    public mutating func add(_ label: Int, takenFor said: Int) { counts[label][said] += 1 }

    public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    public var right: Int { classes.indices.reduce(0) { $0 + counts[$1][$1] } }

    /// Of all clips; nil without any.
    public var accuracy: Double? { share(right, of: total) }

    /// Of the clips of a class, those that were taken for it.
    public func recall(_ label: Int) -> Double? { share(counts[label][label], of: counts[label].reduce(0, +)) }

    /// Of the clips that were taken for a class, those that were of it.
    public func precision(_ label: Int) -> Double? { share(counts[label][label], of: counts.reduce(0) { $0 + $1[label] }) }

    /// Over the words that there are clips of, each counting the same.
    public var meanRecall: Double? {
        let recalls = classes.words.compactMap(recall)
        return recalls.isEmpty ? nil : recalls.reduce(0, +) / Double(recalls.count)
    }
}

func share(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }

extension [String] {
    /// Indices of the classes that are words, and not as `_silence_`.
    var words: [Int] { indices.filter { self[$0].first != "_" } }
}
