import CLinux
import Microphones
import Support
import Testing

@testable import AudioCapture

/// libasound set up with microphones that play a file.
private enum Devices {
    /// One second of 48 kHz stereo, no sample 0.
    static let sound = (0..<96_000).map { Int16($0 % 30_000 + 1) }
    /// Makes the device `faulty` go wrong.
    static let fail = Fault()

    static let installed: Bool = {
        let sound = memoryFile("sound", Devices.sound.flatMap { le($0) })
        let file = "type filemic  file \"\(sound)\""
        let devices = """
            pcm.null { type null }
            pcm.plain { \(file)  speed 5 }
            pcm.stereo { \(file)  rate 48000  channels 2  speed 5 }
            pcm.odd { \(file)  rate 22050  speed 5 }
            pcm.s32 { \(file)  format S32_LE  speed 5 }
            pcm.s24 { \(file)  format S24_LE  speed 5 }
            pcm.packed { \(file)  format S24_3LE  channels 2  speed 5 }
            pcm.float { \(file)  format FLOAT_LE  speed 5 }
            pcm.faulty { \(file)  speed 5  loop 1  control "\(fail.path)" }
            pcm.busy { type filemic  fail \(EBUSY) }
            pcm.forbidden { type filemic  fail \(EACCES) }
            pcm.file { type file  slave.pcm "null"  file "/dev/null"  infile "\(sound)"  format "raw" }
            """
        plugInMicrophones(devices)
        return true
    }()
}

@Suite(.serialized) struct MicrophoneTests {
    init() { #expect(Devices.installed) }

    /// What comes next that is not `.nothing`, waiting for it as the daemon does.
    private func next(_ microphone: inout Microphone, _ set: inout PollSet, _ buffer: UnsafeMutableBufferPointer<Int16>) -> Microphone.Reading {
        while true {
            let reading = microphone.read(into: buffer)
            if reading != .nothing { return reading }
            set.begin()
            microphone.wait(in: &set)
            set.wait()
            microphone.woken(by: set)
        }
    }

    /// The first `frames` frames, and what else happened.
    private func read(_ microphone: inout Microphone, frames: Int) -> (sound: [Int16], events: [Microphone.Reading]) {
        let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 640)
        defer { buffer.deallocate() }
        var set = PollSet()
        var sound: [Int16] = []
        var events: [Microphone.Reading] = []
        while sound.count < frames * max(microphone.channels, 1) {
            let reading = next(&microphone, &set, buffer)
            if case .sound(let count) = reading { sound += buffer[..<(count * microphone.channels)] } else { events.append(reading) }
        }
        return (Array(sound[..<(frames * microphone.channels)]), events)
    }

    private func open(_ device: String) throws -> Microphone {
        var microphone = Microphone(CaptureSettings(device: device))
        try microphone.open()
        return microphone
    }

    @Test func sixteenKilohertzMonoWhereThereIsSuch() throws {
        var microphone = try open("plain")
        #expect(microphone.rate == 16_000 && microphone.channels == 1)
        #expect(microphone.periodFrames == 320 && microphone.bufferFrames == 6400)
        #expect(read(&microphone, frames: 16_000).sound == Array(Devices.sound[..<16_000]))
        #expect(microphone.counts.overruns == 0)
    }

    @Test func whatTheDeviceHasOtherwise() throws {
        var microphone = try open("stereo")
        #expect(microphone.rate == 48_000 && microphone.channels == 2)
        #expect(microphone.bufferFrames * 5 >= microphone.rate)
        #expect(read(&microphone, frames: 48_000).sound == Devices.sound)
        let odd = try open("odd")
        #expect(odd.rate == 22_050 && odd.channels == 1)
    }

    @Test(arguments: ["s32", "s24", "packed", "float"]) func wideSamples(_ device: String) throws {
        var microphone = try open(device)
        let frames = 9600
        #expect(read(&microphone, frames: frames).sound == Array(Devices.sound[..<(frames * microphone.channels)]))
    }

    @Test func periodAndBufferAsAsked() throws {
        var settings = CaptureSettings(device: "plain")
        settings.period = 10
        settings.buffer = 200
        var microphone = Microphone(settings)
        try microphone.open()
        #expect(microphone.periodFrames == 160 && microphone.bufferFrames == 3200)
    }

    @Test func alsaOwnPlugins() throws {
        var null = try open("null")
        #expect(read(&null, frames: 1000).sound.count == 1000)
        var file = try open("file")
        #expect(read(&file, frames: 1000).sound == Array(Devices.sound[..<1000]))
    }

    @Test func anOverrunIsToldAndSurvived() throws {
        var microphone = try open("plain")
        _ = read(&microphone, frames: 320)
        usleep(200_000)  // 1 s of the microphone's time
        let after = read(&microphone, frames: 3200)
        #expect(after.sound.allSatisfy { $0 != 0 })
        // A busy machine may come too late once more.
        #expect(!after.events.isEmpty && after.events.allSatisfy { $0 == .lost(.overrun) })
        #expect(microphone.counts.overruns == after.events.count)
    }

    @Test func aDeviceThatStallsIsOpenedAgain() throws {
        Devices.fail(nil)
        var microphone = try open("faulty")
        _ = read(&microphone, frames: 320)
        let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 640)
        defer { buffer.deallocate() }
        var set = PollSet()
        Devices.fail("s")
        let before = linux_now_ns()
        var reading = next(&microphone, &set, buffer)
        // What lay in the buffer comes first.
        while case .sound = reading { reading = next(&microphone, &set, buffer) }
        #expect(reading == .lost(.stalled))
        #expect(linux_now_ns() - before >= 900_000_000)
        Devices.fail(nil)
        #expect(read(&microphone, frames: 3200).events == [.opened])
        #expect(microphone.counts.stalls == 1)
    }

    @Test(arguments: [(Character("i"), Microphone.Loss.error(-EIO)), (Character("p"), .suspended)]) func errorsPass(_ fault: Character, _ loss: Microphone.Loss) throws {
        Devices.fail(nil)
        var microphone = try open("faulty")
        _ = read(&microphone, frames: 320)
        Devices.fail(fault)
        #expect(read(&microphone, frames: 16_000).events.filter { $0 != .lost(.overrun) } == [.lost(loss), .opened])
    }

    @Test func unpluggedAndPluggedInAgain() throws {
        Devices.fail(nil)
        var microphone = try open("faulty")
        _ = read(&microphone, frames: 320)
        let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 640)
        defer { buffer.deallocate() }
        Devices.fail("u")
        var lost = false
        let end = linux_now_ns() + 700_000_000
        var set = PollSet()
        while linux_now_ns() < end {
            let reading = microphone.read(into: buffer)
            if reading == .lost(.error(-ENODEV)) { lost = true }
            set.begin()
            microphone.wait(in: &set)
            set.add(deadline: end)
            set.wait()
            microphone.woken(by: set)
        }
        #expect(lost && !microphone.isOpen)
        #expect(microphone.failure != nil)
        Devices.fail(nil)
        let back = linux_now_ns()
        #expect(read(&microphone, frames: 320).events == [.opened])
        #expect(linux_now_ns() - back < 2_000_000_000)
        #expect(microphone.failure == nil)
    }

    /// How often it is read and what that gives beside sound, while it has a fault.
    private func suffer(_ fault: Character, seconds: Double) throws -> (reads: Int, readings: [Microphone.Reading]) {
        Devices.fail(nil)
        var microphone = try open("faulty")
        _ = read(&microphone, frames: 320)
        let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 640)
        defer { buffer.deallocate() }
        Devices.fail(fault)
        defer { Devices.fail(nil) }
        var reads = 0
        var readings: [Microphone.Reading] = []
        var set = PollSet()
        let end = linux_now_ns() + Int64(seconds * 1e9)
        while linux_now_ns() < end {
            reads += 1
            switch microphone.read(into: buffer) {
            case .sound: break
            case .nothing:
                set.begin()
                microphone.wait(in: &set)
                set.add(deadline: end)
                set.wait()
                microphone.woken(by: set)
            case let other: readings.append(other)
            }
        }
        return (reads, readings)
    }

    /// A device that opens well and then fails at once is not opened again without end.
    @Test(arguments: [Character("e"), "x"]) func failingAgainAndAgain(_ fault: Character) throws {
        let suffered = try suffer(fault, seconds: 0.6)
        // At once, after 0.1 s, 0.2 s and 0.4 s.
        #expect((1...4).contains(suffered.readings.count { $0 == .opened }), "\(suffered.readings.count) readings")
        #expect(suffered.reads < 50)
    }

    /// An unplugged device under dsnoop is ready for ever.
    @Test func wakeUpsWithoutSoundCostNoCPU() throws {
        let suffered = try suffer("a", seconds: 0.6)
        // On a busy machine it may run late first.
        #expect(suffered.readings.allSatisfy { $0 == .lost(.overrun) })
        // 16, then four in a period of 20 ms.
        #expect(suffered.reads < 200, "\(suffered.reads)")
    }

    /// A busy device is waited for as an unplugged one is.
    @Test func busyAtTheStart() throws {
        Devices.fail("b")
        var microphone = Microphone(CaptureSettings(device: "faulty"))
        let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 640)
        defer { buffer.deallocate() }
        #expect(microphone.read(into: buffer) == .nothing)
        #expect(microphone.failure?.line.contains("another program is capturing from it") == true)
        Devices.fail(nil)
        #expect(read(&microphone, frames: 320).events == [.opened])
    }

    @Test(arguments: [
        ("busy", "another program is capturing from it"), ("forbidden", "usermod -aG audio"), ("plughw:CARD=Gone", "no such capture device"),
    ])
    func refusedInOneLine(_ device: String, _ why: String) {
        var line: String?
        do throws(Failure) {
            var microphone = Microphone(CaptureSettings(device: device))
            try microphone.open()
        } catch { line = error.line }
        #expect(line?.hasPrefix("katydid: \(device): ") == true)
        #expect(line?.contains(why) == true, "\(line ?? "opened")")
    }
}
