import CLinux
import Support
import Testing

@testable import AudioCapture

/// libasound set up with microphones that play a file: Tests/Fixtures/FileMicrophone.
private struct Microphones {
    /// One second of 48 kHz stereo, no sample 0.
    static let sound = (0..<96_000).map { Int16($0 % 30_000 + 1) }

    /// The devices' names are the keys of this configuration.
    static let installed: Bool = {
        let sound = memoryFile("sound", Microphones.sound.flatMap { le($0) })
        let file = "type filemic  file \"\(sound)\""
        let configuration = """
            pcm_type.filemic { lib "\(besideTheTests("libpcm_filemic.so"))" }
            pcm.null { type null }
            pcm.plain { \(file)  speed 20 }
            pcm.stereo { \(file)  rate 48000  channels 2  speed 20 }
            pcm.odd { \(file)  rate 22050  speed 20 }
            pcm.busy { type filemic  fail \(EBUSY) }
            pcm.forbidden { type filemic  fail \(EACCES) }
            pcm.dead { \(file)  speed 0 }
            pcm.file { type file  slave.pcm "null"  file "/dev/null"  infile "\(sound)"  format "raw" }
            """
        setenv("ALSA_CONFIG_PATH", memoryFile("asound.conf", Array(configuration.utf8)), 1)
        return true
    }()

    /// A file without a place in the file system, and its path.
    private static func memoryFile(_ name: String, _ bytes: [UInt8]) -> String {
        let fd = memfd_create(name, 0)
        precondition(write(fd, bytes, bytes.count) == bytes.count)
        return "/proc/\(getpid())/fd/\(fd)"
    }

    private static func besideTheTests(_ name: String) -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let whole = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return whole[..<whole.lastIndex(of: "/")!] + "/" + name
    }
}

@Suite(.serialized) struct AlsaSourceTests {
    init() { #expect(Microphones.installed) }

    private func read(_ source: inout AlsaSource, frames: Int) throws -> [Int16] {
        let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 320 * source.channels)
        defer { buffer.deallocate() }
        var all: [Int16] = []
        while all.count < frames * source.channels {
            let n = try source.read(into: buffer)
            #expect(n > 0)
            all += buffer[..<(n * source.channels)]
        }
        return Array(all[..<(frames * source.channels)])
    }

    @Test func sixteenKilohertzMonoWhereThereIsSuch() throws {
        var source = try AlsaSource("plain")
        #expect((source.rate, source.channels) == (16_000, 1))
        #expect(source.periodFrames == 320)
        #expect(source.bufferFrames == 6400)
        #expect(try read(&source, frames: 16_000) == Array(Microphones.sound[..<16_000]))
        #expect(source.overruns == 0)
    }

    @Test func whatTheDeviceHasOtherwise() throws {
        var source = try AlsaSource("stereo")
        #expect((source.rate, source.channels) == (48_000, 2))
        #expect(source.bufferFrames * 5 >= source.rate)
        #expect(try read(&source, frames: 48_000) == Microphones.sound)
        let odd = try AlsaSource("odd")
        #expect((odd.rate, odd.channels) == (22_050, 1))
    }

    @Test func alsaOwnPlugins() throws {
        var null = try AlsaSource("null")
        #expect(try read(&null, frames: 1000).count == 1000)
        var file = try AlsaSource("file")
        #expect(try read(&file, frames: 1000) == Array(Microphones.sound[..<1000]))
    }

    @Test func anOverrunIsCountedAndSurvived() throws {
        var source = try AlsaSource("plain")
        _ = try read(&source, frames: 320)
        usleep(100_000)  // 2 s of the microphone's time
        #expect(try read(&source, frames: 3200).allSatisfy { $0 != 0 })
        #expect(source.overruns == 1)
    }

    @Test func stopsAtOnce() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        var source = try AlsaSource("dead", stop: ends[0])
        close(ends[1])
        #expect(try readAll(&source) == [])
    }

    @Test func aDeviceThatStalls() throws {
        var source = try AlsaSource("dead")
        var line: String?
        do throws(Failure) { _ = try readAll(&source) } catch { line = error.line }
        #expect(line == "katydid: dead: no sound for 2 s; plug the microphone in again")
    }

    @Test(arguments: [
        ("busy", "another program is capturing from it"), ("forbidden", "usermod -aG audio"), ("plughw:CARD=Gone", "no such capture device"),
    ])
    func refusedInOneLine(_ device: String, _ why: String) {
        let line = failure { () throws(Failure) in _ = try AlsaSource(device) }
        #expect(line?.hasPrefix("katydid: \(device): ") == true)
        #expect(line?.contains(why) == true, "\(line ?? "opened")")
    }
}
