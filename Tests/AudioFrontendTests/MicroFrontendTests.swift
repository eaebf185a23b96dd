import CKernels
import Support
import Testing

@testable import AudioFrontend

@Suite struct MicroFrontendTests {
    /// Feeds all of `samples`, `chunk` at a time, and gives every frame to `body`.
    private func feed(
        _ samples: [Int16], to frontend: inout MicroFrontend, chunk: Int = .max,
        _ body: (UnsafeBufferPointer<UInt16>) -> Void
    ) {
        samples.withUnsafeBufferPointer { all in
            var start = 0
            while start < all.count {
                let end = start + min(chunk, all.count - start)
                var part = UnsafeBufferPointer(rebasing: all[start..<end])
                while frontend.feed(&part) { body(frontend.features) }
                #expect(part.isEmpty)
                start = end
            }
        }
    }

    private func features(_ samples: [Int16], step: Int = 10, chunk: Int = .max) throws -> [UInt16] {
        var frontend = try MicroFrontend(stepMilliseconds: step)
        var values: [UInt16] = []
        feed(samples, to: &frontend, chunk: chunk) { values += $0 }
        return values
    }

    @Test func firstSecondsAreTheOracles() throws {
        let expected = try Golden.numbers("micro.u16", as: UInt16.self)
        #expect(try features((0..<4).flatMap(TestSignal.second)) == expected)
    }

    @Test(arguments: [0, k_cpu_features()]) func tenMinutesAreTheOracles(cpu: UInt32) throws {
        var frontend = try MicroFrontend(cpu: cpu)
        for (number, line) in try Golden.lines("micro.crc").enumerated() {
            var crc = CRC32()
            feed(TestSignal.second(number), to: &frontend) { crc.append($0) }
            #expect(crc.text == line[0], "second \(number)")
        }
    }

    @Test(.enabled(if: Golden.hasRecordings, "no shared recordings; set KATYDID_SHARED"))
    func recordingsAreTheOracles() throws {
        for line in try Golden.lines("recordings.crc") {
            let file = try Golden.bytes(Golden.shared + "/" + line[0])
            let samples = Golden.numbers(in: try #require(wavData(file)), as: Int16.self)
            // The oracle only takes whole hops.
            let whole = Array(samples.prefix(samples.count / 160 * 160))
            #expect(CRC32.of(try features(whole)) == line[1], "\(line[0])")
        }
    }

    /// What the chunk "data" of a WAV file holds.
    private func wavData(_ file: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 12
        while at + 8 <= file.count {
            let size = file[at + 4..<at + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
            if file[at..<at + 4].elementsEqual("data".utf8) { return file[at + 8..<min(at + 8 + size, file.count)] }
            at += 8 + size + size % 2
        }
        return nil
    }

    @Test(arguments: [1, 7, 159, 160, 161, 480, 1000])
    func chunksDontMatter(_ chunk: Int) throws {
        let samples = TestSignal.second(3)
        #expect(try features(samples, chunk: chunk) == features(samples))
    }

    @Test func theFirstFrameNeedsAWindow() throws {
        let samples = TestSignal.second(2)
        #expect(try features(Array(samples.prefix(479))).isEmpty)
        #expect(try features(Array(samples.prefix(480))).count == 40)
        #expect(try features(Array(samples.prefix(639))).count == 40)
        #expect(try features(Array(samples.prefix(640))).count == 80)
        #expect(try features(samples, step: 20).count == 40 * 49)
    }

    @Test func resetIsAsNew() throws {
        var frontend = try MicroFrontend()
        feed(TestSignal.second(2) + [1, 2, 3], to: &frontend) { _ in }
        frontend.reset()
        var values: [UInt16] = []
        feed(TestSignal.second(3), to: &frontend) { values += $0 }
        #expect(try values == features(TestSignal.second(3)))
    }

    @Test(arguments: [0, -1, 31]) func impossibleStepsAreRefused(_ step: Int) {
        #expect(throws: Failure.self) { _ = try MicroFrontend(stepMilliseconds: step) }
    }
}
