import CLinux
import Support
import Testing

@testable import AudioCapture

@Suite struct RawSourceTests {
    private func withPipe(_ body: (_ reader: Int32, _ writer: Int32) throws -> Void) throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        try body(ends[0], ends[1])
    }

    @Test func framesThatAPipeCutsInTwo() throws {
        try withPipe { reader, writer in
            let sound = (0..<60).map { Int16($0 * 100) }
            let bytes = sound.flatMap { le($0) }
            var source = try RawSource(fd: reader, rate: 16_000, channels: 2)
            let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 32)
            defer { buffer.deallocate() }
            var all: [Int16] = []
            // 5 bytes at a time: never a whole number of frames of 4.
            for start in stride(from: 0, to: bytes.count, by: 5) {
                let piece = Array(bytes[start..<min(start + 5, bytes.count)])
                #expect(write(writer, piece, piece.count) == piece.count)
                let frames = try source.read(into: buffer)
                all += buffer[..<(frames * 2)]
            }
            close(writer)
            #expect(try source.read(into: buffer) == 0)
            #expect(all == sound)
        }
    }

    @Test func halfAFrameAtTheEndIsDropped() throws {
        try withPipe { reader, writer in
            #expect(write(writer, [1, 0, 2, 0, 3] as [UInt8], 5) == 5)
            close(writer)
            var source = try RawSource(fd: reader, rate: 16_000, channels: 1)
            #expect(try readAll(&source) == [1, 2])
        }
    }

    @Test func stops() throws {
        try withPipe { reader, writer in
            defer { close(writer) }
            try withPipe { stop, stopper in
                var source = try RawSource(fd: reader, rate: 16_000, channels: 1, stop: stop)
                close(stopper)
                #expect(try readAll(&source) == [])
            }
        }
    }

    @Test func impossibleSettings() {
        #expect(failure { () throws(Failure) in _ = try RawSource(rate: 0, channels: 1) }?.contains("--rate 0") == true)
        #expect(failure { () throws(Failure) in _ = try RawSource(rate: 16_000, channels: -1) }?.contains("--channels -1") == true)
    }
}
