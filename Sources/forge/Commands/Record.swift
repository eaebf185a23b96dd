import ArgumentParser
import CLinux
import Dataset
import Support

/// `katydid-forge record`: words from people, one second each.
struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Records words from the microphone, asking for one after the other.",
        discussion: """
            Each clip is judged: what is too quiet, clipped or cut off is asked for again. Ctrl-C stops, and keeps what there is; another run adds to it. \
            Record several people, at several distances, in the room where the board will be.
            """)

    @Argument(help: "Words to record.")
    var words: [String]
    @Option(name: .shortAndLong, help: "The folder; each word gets one in it.")
    var output: String
    @Option(name: .shortAndLong, help: "Clips of each word.")
    var count = 20
    @Option(name: .shortAndLong, help: "The microphone, as libasound calls it: katydid devices lists them.")
    var device = "default"
    @Option(name: .shortAndLong, help: "Who speaks: one name a person, so that nobody is both trained on and judged by.")
    var speaker = "me"
    @Option(help: "Seconds of the room without words to record first: noise to train with.")
    var noise = 0

    /// Listened to for a word, s.
    private static let listening = 2.0
    /// Bad takes in a row after which it isn't the speaker's fault.
    private static let patience = 5

    func run() throws { try attempt(record) }

    private func record() throws(Failure) {
        for word in words { try checkWord(word) }
        guard count > 0, noise >= 0, noise <= 600 else { throw Failure(.usage, "the count", "must be more than 0, and the noise 600 s at most", "see katydid-forge help record") }
        guard !speaker.isEmpty, !speaker.contains("/"), !speaker.contains("_"), speaker.first != "." else {
            throw Failure(.usage, "the speaker \(speaker)", "is no name for files", "use letters, digits and -")
        }
        for word in words { try Synthesiser.makeFolder("\(output)/\(word)") }
        var recorder = try TakeRecorder(device: device)
        var kept = 0
        if noise > 0 {
            tell("Be quiet: the room alone for \(noise) s …")
            guard let sound = try recorder.record(seconds: Double(noise)) else { return stopped(kept) }
            try Synthesiser.makeFolder("\(output)/_background_noise_")
            try Sound.write(sound, to: free("\(output)/_background_noise_/\(speaker)-room"))
        }
        // Round after round, because nobody says a word twenty times as one says it once.
        for round in 1...count {
            for word in words {
                var failures = 0
                while true {
                    if recorder.pause(seconds: 0.4) { return stopped(kept) }
                    tell("\(round) of \(count)   say:  \(word)")
                    guard let sound = try recorder.record(seconds: Self.listening) else { return stopped(kept) }
                    switch Take(sound) {
                    case .good(let clip):
                        try Sound.write(clip, to: free("\(output)/\(word)/\(speaker)"))
                        kept += 1
                    case .again(let why):
                        tell("    again, please: \(why)")
                        failures += 1
                        guard failures < Self.patience else {
                            throw Failure(.data, "\(device)", "\(failures) takes in a row were no use (\(why))", "check the microphone: arecord -d 3 test.wav; \(kept) clips are kept")
                        }
                        continue
                    }
                    break
                }
            }
        }
        tell("\(kept) clips in \(output)")
    }

    private func stopped(_ kept: Int) { tell("Stopped: \(kept) clips are kept in \(output)") }

    /// The first name that isn't taken.
    private func free(_ stem: String) -> String {
        var number = 0
        while access("\(stem)_nohash_\(number).wav", F_OK) == 0 { number += 1 }
        return "\(stem)_nohash_\(number).wav"
    }

    private func tell(_ text: String) {
        print(text)
        fflush(nil)
    }
}
