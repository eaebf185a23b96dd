import CLinux
import Testing

/// A bad call or a bad file: one line that says what, why and what to do; the exit code of sysexits.h.
@Suite struct RefusalTests {
    private let folder = Folder()

    private func expectRefusal(
        _ outcome: Outcome, _ status: Int32, _ text: String = "", location: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.signal == 0, "killed", sourceLocation: location)
        #expect(outcome.status == status, "\(outcome.error)", sourceLocation: location)
        let lines = outcome.error.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines.last == "", "not one line: \(outcome.error)", sourceLocation: location)
        #expect(
            outcome.error.hasPrefix("katydid: ") && outcome.error.contains("; ") && outcome.error.contains(text),
            "\(outcome.error)", sourceLocation: location)
        #expect(outcome.output == "", sourceLocation: location)
    }

    @Test func calls() {
        expectRefusal(Katydid.run("frobnicate"), 64, "no such verb")
        for verb in ["listen", "run", "bench", "inspect", "devices", "selftest", "version"] {
            expectRefusal(Katydid.run(verb, "--frobnicate"), 64, "--frobnicate: unknown option")
        }
        expectRefusal(Katydid.run("listen", "--model"), 64, "needs a value")
        expectRefusal(Katydid(["listen"], with: ["KATYDID_MODELS=/nowhere"]).wait(), 64, "--model")
        expectRefusal(Katydid.run("listen", "--model", "m.json", "--wav", "a.wav", "--raw"), 64, "--wav")
        expectRefusal(Katydid.run("listen", "--model", "m.json", "--device", "hw:0", "--raw"), 64, "--raw")
        expectRefusal(Katydid.run("listen", "--model", "m.json", "--rate", "8000"), 64, "--raw")
        expectRefusal(Katydid.run("run"), 64, "MODEL is missing")
        expectRefusal(Katydid.run("run", "a", "b"), 64, "one argument too many")
        expectRefusal(Katydid.run("bench", "a", "--runs", "many"), 64, "--runs many")
        expectRefusal(Katydid.run("bench", "a", "--runs", "0"), 64)
        expectRefusal(Katydid.run("bench", "a", "--runs", "99999999999999999999"), 64)
        expectRefusal(Katydid.run("selftest", "--rounds", "-1"), 64)
        expectRefusal(Katydid.run("devices", "all"), 64)
        expectRefusal(Katydid.run("version", "now"), 64)
    }

    @Test func noVerbShowsTheUsage() {
        let outcome = Katydid.run()
        #expect(outcome.status == 64)
        #expect(outcome.error.contains("usage: katydid VERB"))
    }

    @Test(arguments: ["listen", "run", "bench", "inspect", "devices", "selftest", "version"])
    func help(verb: String) {
        let outcome = Katydid.run(verb, "--help")
        #expect(outcome.status == 0 && outcome.error == "")
        #expect(outcome.output.contains("example:\n  katydid \(verb)"))
    }

    @Test func files() {
        for verb in ["run", "inspect", "bench"] {
            expectRefusal(Katydid.run(verb, "/nowhere/a.tflite"), 66, "/nowhere/a.tflite: No such file")
            expectRefusal(Katydid.run(verb, folder.path), 66, "not a regular file")
            expectRefusal(Katydid.run(verb, folder.write("empty", "")), 65, "empty")
            expectRefusal(Katydid.run(verb, folder.write("short", "TFL3")), 65)
            expectRefusal(Katydid.run(verb, folder.write("text", "This is no model, but a letter.")), 65, "TFL3")
            expectRefusal(Katydid.run(verb, folder.write("a\nb", "This is no model, but a letter.")), 65, "a?b")
        }
        let model = seeds + "model/layers.tflite"
        expectRefusal(Katydid.run("run", model, "--input", "/nowhere.npy"), 66, "/nowhere.npy")
        expectRefusal(Katydid.run("run", model, "--input", folder.write("odd.raw", "abc")), 65, "3 bytes")
        expectRefusal(Katydid.run("run", model, "--output", "/nowhere/out.npy"), 73, "/nowhere/out.npy")
        expectRefusal(Katydid.run("run", model, "--runs", "1000000000", "--output", folder.path + "/o.raw"), 64, "fewer runs")
        for name in ["columns", "f2", "i8"] { expectRefusal(Katydid.run("run", model, "--input", seeds + "npy/\(name).npy"), 65) }
    }

    @Test func permission() {
        let secret = folder.write("secret.tflite", "TFL3")
        chmod(secret, 0)
        // Root reads everything: then there is nothing to test.
        guard access(secret, R_OK) != 0 else { return }
        expectRefusal(Katydid.run("inspect", secret), 77, "Permission denied")
    }

    @Test func truncatedModels() {
        let whole = contents(seeds + "model/variables.tflite")
        for length in stride(from: 64, to: whole.count - 64, by: 64) {
            let outcome = Katydid.run("inspect", folder.write("cut.tflite", Array(whole[..<length])))
            // A table that ends before what was cut off may leave a sound model.
            if outcome.status != 0 { expectRefusal(outcome, 65, "cut.tflite") }
            #expect(outcome.signal == 0)
        }
    }

    @Test func manifests() {
        let model = contents(seeds + "model/layers.tflite")
        _ = folder.write("layers.tflite", model)
        func refuse(_ text: String, _ status: Int32, _ why: String, location: SourceLocation = #_sourceLocation) {
            let path = folder.write("word.json", text)
            expectRefusal(
                Katydid.run("listen", "--model", path, "--wav", seeds + "wav/pcm16.wav"), status, why, location: location)
        }
        func manifest(_ model: String = "layers.tflite", version: String = "2", cutoff: String = "0.9", window: String = "5") -> String {
            #"{"type":"micro","wake_word":"w","model":"\#(model)","version":\#(version),"#
                + #""micro":{"probability_cutoff":\#(cutoff),"sliding_window_size":\#(window)}}"#
        }
        refuse(manifest("missing.tflite"), 66, "missing.tflite")
        refuse(manifest(#"a\nb.tflite"#), 66, "a?b.tflite")
        refuse(manifest(""), 65, "names no model")
        refuse(manifest(version: "3"), 65, "version is not a number from 1 to 2")
        refuse(manifest(cutoff: "2"), 65, "probability_cutoff")
        refuse(manifest(cutoff: "\"high\""), 65, "probability_cutoff")
        refuse(manifest(window: "0"), 65, "sliding_window_size")
        refuse(manifest(), 65, "word.json")
        refuse("{\"type\":", 65, "not JSON")
        refuse("[]", 65, "not a model's manifest")
        refuse("{}", 65, "not a model's manifest")
        expectRefusal(Katydid.run("listen", "--model", "/nowhere.json", "--wav", "a.wav"), 66, "/nowhere.json")
    }

    @Test func outputThatFails() {
        let outcome = Katydid.run("inspect", seeds + "model/layers.tflite", closed: [1])
        #expect(outcome.signal == 0)
        expectRefusal(outcome, 74, "standard output")
        // Without a place to complain, the exit code is all there is.
        #expect(Katydid.run("inspect", "/nowhere", closed: [2]).status == 66)
    }
}
