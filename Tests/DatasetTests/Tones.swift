/// What is said of a tone that was made or varied.
extension RandomAccessCollection where Element == Int16, Index == Int {
    /// From the first loud sample to the last; silence has none.
    var loud: ClosedRange<Int> { firstIndex { abs(Int($0)) > 3000 }!...lastIndex { abs(Int($0)) > 3000 }! }

    /// Cycles a second, by its sign.
    var pitch: Double { Double(zip(self, dropFirst()).filter { $0 < 0 && $1 >= 0 }.count) / Double(count) * 16_000 }
}
