import CLinux
import Testing

/// `listen` with a wake word that is heard always, and lines that are only printed.
@Suite struct ListenTests {
    private let folder = Folder()
    private let manifest: String

    init() {
        manifest = folder.alwaysHeard()
    }

    private func edges(_ output: String) -> [String] {
        output.split(separator: "\n").filter { $0.contains("GPIO17") }.map { $0.contains("↑") ? "up" : "down" }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func signalsLeaveLinesInactive(signal: Int32) {
        let listen = Katydid(["listen", "--model", manifest, "--raw", "--gpio", "GPIO17:set", "--gpio-trace"])
        let second = [UInt8](repeating: 0, count: 32000)
        #expect(write(listen.input, second, second.count) == second.count)
        for _ in 0..<1000 where !listen.said.contains("↑") { usleep(10_000) }
        #expect(edges(listen.said) == ["up"])
        kill(listen.pid, signal)
        // Its input is still open: it is the signal that ends it.
        for _ in 0..<1000 where !listen.said.contains("↓") { usleep(10_000) }
        let outcome = listen.wait()
        #expect(outcome.signal == 0 && outcome.status == 0)
        #expect(edges(outcome.output) == ["up", "down"])
    }

    @Test func endOfSoundLeavesLinesInactive() {
        let silence = folder.write("silence.wav", wav(tag: 1, bits: 16, data: [UInt8](repeating: 0, count: 64000)))
        let outcome = Katydid.run("listen", "--model", manifest, "--wav", silence, "--gpio", "GPIO17:set", "--gpio-trace")
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(edges(outcome.output) == ["up", "down"])
    }

    /// A reader that leaves, as `head -1` does.
    @Test func brokenPipe() {
        let outcome = Katydid.run("listen", "--model", manifest, "--wav", seeds + "wav/pcm16.wav", "--json", closed: [1])
        #expect(outcome.signal == 0 && outcome.status == 74)
        #expect(outcome.error.contains("katydid: standard output: "))
    }

    @Test(arguments: [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32)])
    func formatsThatAreConverted(format: (tag: Int, bits: Int)) {
        let file = folder.write("sound.wav", wav(tag: format.tag, bits: format.bits, data: [UInt8](repeating: 0, count: 3200)))
        let outcome = Katydid.run("listen", "--model", manifest, "--wav", file)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.error.contains("real-time factor"))
    }

    @Test func aLyingHeaderIsToldOf() {
        let file = folder.write("lying.wav", wav(tag: 1, bits: 16, data: [UInt8](repeating: 0, count: 3200), promised: 1_000_000))
        let outcome = Katydid.run("listen", "--model", manifest, "--wav", file)
        #expect(outcome.status == 0)
        #expect(outcome.error.contains("promises 1000000 bytes"))
    }

    @Test func soundsThatAreRefused() {
        let sound = [UInt8](repeating: 0, count: 3200)
        for (bytes, why) in [
            (wav(tag: 3, bits: 64, data: sound), "64-bit floats"), (wav(tag: 1, bits: 12, data: sound), "12-bit"),
            (wav(tag: 0x55, bits: 16, data: sound), "MP3"), (wav(tag: 1, bits: 16, rate: 0, data: sound), "0 Hz"),
            (wav(tag: 1, bits: 16, channels: 0, data: sound), "0 channels"), (wav(tag: 1, bits: 16, data: []), "no sound"),
            (Array(wav(tag: 1, bits: 16, data: sound)[..<30]), "no data chunk"), (Array("RIFF".utf8), "too short"), ([], "empty"),
            (contents(seeds + "model/wake.tflite"), "not a WAV file"),
        ] {
            let outcome = Katydid.run("listen", "--model", manifest, "--wav", folder.write("bad.wav", bytes))
            #expect(outcome.signal == 0 && outcome.status == 65)
            let lines = outcome.error.split(separator: "\n")
            #expect(lines.last?.contains(why) == true && lines.last?.hasPrefix("katydid: ") == true, "\(outcome.error)")
        }
        for (path, status) in [("/nowhere.wav", Int32(66)), (folder.path, 66)] {
            #expect(Katydid.run("listen", "--model", manifest, "--wav", path).status == status)
        }
    }
}
