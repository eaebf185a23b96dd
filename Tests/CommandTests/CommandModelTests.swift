import CLinux
import Testing

/// `listen` with a model of several words: which one it takes, and how its words move lines.
@Suite struct CommandModelTests {
    private let folder = Folder()
    private let sound: String

    init() {
        _ = folder.commands()
        sound = folder.write("sound.wav", wav(data: onAndOff))
    }

    /// `models`: where the command model is installed.
    private func listen(_ arguments: String..., models: String? = nil) -> Outcome {
        Katydid(["listen"] + arguments + ["--wav", sound, "--gpio-trace"], with: ["KATYDID_MODELS=\(models ?? folder.path)"]).wait()
    }

    private func edges(_ outcome: Outcome) -> [String] {
        outcome.output.split(separator: "\n").filter { $0.contains("GPIO") }.map { String($0.drop { $0 != "G" }) }
    }

    @Test func wordsWithoutAModelNamed() {
        let outcome = listen("--json")
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.error.contains("listening for on, off; "))
        let words = outcome.output.split(separator: "\n").filter { $0.contains("detection") }
        #expect(words.count == 2 && words[0].contains(#""word":"on""#) && words[1].contains(#""word":"off""#), "\(outcome.output)")
    }

    @Test func aFlagForEachWord() {
        let outcome = listen("--gpio", "on=GPIO17:set", "--gpio", "off=GPIO17:clear")
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(edges(outcome) == ["GPIO17 ↑", "GPIO17 ↓"])
        // The lamp goes out when "off" is heard, and not because the sound ends.
        let times = outcome.output.split(separator: "\n").filter { $0.contains("GPIO17 ↓") || $0.contains(" off ") }
        #expect(times.count == 2 && times[0].prefix(10) == times[1].prefix(10), "\(outcome.output)")
    }

    @Test func aLineForEachWord() {
        let text = "[gpio]\non = GPIO17:set\noff = GPIO17:clear\nany = GPIO27:pulse=100ms,active-low\n"
        let outcome = listen("--config", folder.write("katydid.conf", text))
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(edges(outcome) == ["GPIO17 ↑", "GPIO27 ↑", "GPIO27 ↓", "GPIO17 ↓", "GPIO27 ↑", "GPIO27 ↓"])
    }

    /// Beside a wake word, which has its section's name; the commands keep theirs.
    @Test func besideAWakeWord() {
        let text = "[model hello]\nfile = \(folder.alwaysHeard())\n[model lamps]\nfile = \(folder.path)/commands.json\n"
        let outcome = listen("--config", folder.write("katydid.conf", text), models: "/nowhere")
        #expect(outcome.status == 0 && outcome.error.contains("listening for Wake (hello), on, off; "), "\(outcome.error)")
        #expect(outcome.output.contains("  hello  ") && outcome.output.contains("  on  ") && outcome.output.contains("  off  "))
    }

    @Test func wordsThatNobodyKnows() {
        let outcome = listen("--gpio", "lamp=GPIO17:set")
        #expect(outcome.status == 64)
        #expect(outcome.error.hasSuffix("katydid: --gpio lamp=GPIO17: no model listens for lamp; the words are: on, off\n"))
        for text in ["[gpio]\nlamp = GPIO17:set\n", "[output a]\non = lamp\nline = GPIO17\n", "[command a]\non = lamp\nrun = true\n"] {
            let file = folder.write("katydid.conf", text)
            let checked = Katydid(["check-config", file], with: ["KATYDID_MODELS=\(folder.path)"]).wait()
            #expect(checked.status == 78 && checked.error.hasSuffix("no model listens for lamp; the words are: on, off\n"), "\(checked.error)")
            let started = listen("--config", file)
            #expect(started.status == 64 && started.error.hasSuffix("no model listens for lamp; the words are: on, off\n"))
        }
    }

    @Test func noModelAtAll() {
        let why = "commands.json: is not installed, and no --model or [model NAME] is given; name the .json of a model\n"
        let outcome = listen(models: "/nowhere")
        #expect(outcome.status == 64 && outcome.error == "katydid: " + why)
        let file = folder.write("katydid.conf", "[log]\nformat = json\n")
        let checked = Katydid(["check-config", file], with: ["KATYDID_MODELS=/nowhere"]).wait()
        #expect(checked.status == 78 && checked.error == "katydid: \(file): " + why)
    }

    @Test func wordsThatAreThereAlready() {
        let outcome = listen("--model", folder.path + "/commands.json", "--model", folder.path + "/commands.json")
        #expect(outcome.status == 64 && outcome.error.contains("on is listened for already; name each word once"))
    }

    /// Every model that is shipped is what its manifest says, and the program finds the first of them by itself.
    @Test func shippedModels() {
        let models = packageFolder + "/Firmware/models"
        for name in ["commands", "commands-tiny"] where access("\(models)/\(name).json", R_OK) == 0 {
            let outcome = Katydid.run("listen", "--model", "\(models)/\(name).json", "--wav", sound)
            #expect(outcome.status == 0 && outcome.error.contains("listening for yes, no, up, down, left, right, on, off, stop, go; "), "\(outcome.error)")
        }
        if access(models + "/commands.json", R_OK) == 0 {
            let found = Katydid.run("listen", "--wav", sound)
            #expect(found.status == 0 && found.error.contains("listening for yes, no, "), "\(found.error)")
        }
    }
}
