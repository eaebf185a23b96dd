import Support
import Testing

@testable import AudioFrontend

@Suite struct ChannelMixTests {
    private func mix(_ how: ChannelMix, _ input: [Int16], channels: Int, room: Int = 100) -> [Int16] {
        var output = [Int16](repeating: 0, count: room)
        let count = input.withUnsafeBufferPointer { from in
            output.withUnsafeMutableBufferPointer { how.apply(from, channels: channels, to: $0) }
        }
        return Array(output[..<count])
    }

    @Test func meansAreRoundedHalfUp() {
        #expect(mix(.mean, [1, 2, -1, -2, 0, 0, 32767, 32767, -32768, -32768, -32768, 32767], channels: 2)
            == [2, -1, 0, 32767, -32768, 0])
        #expect(mix(.mean, [1, 1, 2, -1, -1, -2], channels: 3) == [1, -1])
        #expect(mix(.mean, [Int16](repeating: -32768, count: 64), channels: 64) == [-32768])
        #expect(mix(.mean, [5, -7], channels: 1) == [5, -7])
    }

    @Test func oneChannelIsPicked() {
        #expect(mix(.pick(1), [1, 2, 3, 4, 5, 6], channels: 2) == [2, 4, 6])
        #expect(mix(.pick(0), [1, 2, 3, 4, 5, 6], channels: 3) == [1, 4])
    }

    @Test func onlyWholeFramesThatFit() {
        #expect(mix(.mean, [1, 1, 2, 2, 3], channels: 2) == [1, 2])
        #expect(mix(.mean, [1, 1, 2, 2, 3, 3], channels: 2, room: 1) == [1])
    }

    @Test func aMissingChannelIsRefused() throws {
        #expect(throws: Failure.self) { try ChannelMix.pick(2).check(channels: 2) }
        #expect(throws: Failure.self) { try ChannelMix.pick(-1).check(channels: 2) }
        try ChannelMix.pick(1).check(channels: 2)
        try ChannelMix.mean.check(channels: 2)
    }
}
