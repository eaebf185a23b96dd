import CLinux
import Microphones
import Support
import Testing

@testable import Dataset

@Suite(.serialized) struct TakeRecorderTests {
    static let sound = (0..<48_000).map { Int16($0 % 30_000 + 1) }
    static let file = memoryFile("sound", sound.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })

    init() {
        let file = Self.file
        let devices = "pcm.takes { type filemic  file \"\(file)\"  speed 5 }\npcm.no_takes { type filemic  fail \(ENODEV) }"
        plugInMicrophones(devices)
    }

    /// A device begins with every recording: nothing of what was there before the prompt.
    @Test func recordsFromNowOn() throws {
        var recorder = try TakeRecorder(device: "takes")
        for _ in 0..<2 { #expect(try recorder.record(seconds: 0.5).map { Array($0.prefix(8000)) } == Array(Self.sound.prefix(8000))) }
    }

    @Test func noDevice() {
        #expect(throws: Failure.self) { _ = try TakeRecorder(device: "no_takes") }
    }
}
