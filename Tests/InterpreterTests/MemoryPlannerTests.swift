import Testing

@testable import Interpreter

@Suite struct MemoryPlannerTests {
    private typealias Buffer = MemoryPlanner.Buffer

    private func overlap(_ a: Buffer, _ b: Buffer) -> Bool {
        a.size > 0 && b.size > 0 && a.first <= b.last && b.first <= a.last
            && a.offset < b.offset + b.size && b.offset < a.offset + a.size
    }

    /// The most bytes that live at one time: no plan takes less.
    private func peak(_ buffers: [Buffer]) -> Int {
        buffers.map { at in buffers.filter { $0.first <= at.first && at.first <= $0.last }.reduce(0) { $0 + $1.size } }.max() ?? 0
    }

    @Test(arguments: 0..<400) func buffersThatLiveTogetherStandApart(_ seed: Int) {
        var random = Generator(state: UInt64(seed))
        let count = random.next(40) + 1, steps = random.next(30) + 1
        var buffers: [Buffer] = []
        for _ in 0..<count {
            let first = random.next(steps) - 1
            // Empty, tiny and large ones, ends not aligned.
            let size = [0, random.next(5), random.next(100), random.next(5000)][random.next(4)]
            buffers.append(Buffer(size: size, first: first, last: first + random.next(steps)))
        }
        let alignment = [1, 4, 16, 64][random.next(4)]
        let total = MemoryPlanner.plan(&buffers, alignment: alignment)
        for (i, a) in buffers.enumerated() {
            #expect(a.offset % alignment == 0 && a.offset >= 0)
            #expect(a.size == 0 || a.offset + a.size <= total)
            for b in buffers[(i + 1)...] { #expect(!overlap(a, b), "\(a) and \(b)") }
        }
        #expect(total >= peak(buffers))
        #expect(total <= buffers.reduce(0) { $0 + ($1.size + alignment - 1) / alignment * alignment })
        #expect(total == buffers.map { $0.size == 0 ? 0 : $0.offset + $0.size }.max()!)
    }

    @Test func aChainTakesItsTwoLargestNeighbours() {
        var chain = [300, 100, 200, 50].enumerated().map { Buffer(size: $1 * 16, first: $0, last: $0 + 1) }
        #expect(MemoryPlanner.plan(&chain) == 400 * 16)
    }

    @Test func thePlanDoesNotDependOnLuck() {
        let buffers = (0..<20).map { Buffer(size: 64, first: $0 % 5, last: $0 % 7 + 5) }
        var a = buffers, b = buffers
        #expect(MemoryPlanner.plan(&a) == MemoryPlanner.plan(&b))
        #expect(a.map(\.offset) == b.map(\.offset))
    }

    @Test func nothingTakesNothing() {
        var none: [Buffer] = []
        #expect(MemoryPlanner.plan(&none) == 0)
        var empty = [Buffer(size: 0, first: 0, last: 3)]
        #expect(MemoryPlanner.plan(&empty) == 0)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Generator {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) >> 33) % bound
    }
}
