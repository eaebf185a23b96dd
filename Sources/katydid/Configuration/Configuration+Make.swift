import AudioCapture
import AudioFrontend
import GPIO
import KeywordSpotting
import Support

/// The parts that a configuration asks for. Each throws `Failure` that says what cannot be had.
extension Configuration {
    func makeListener() throws(Failure) -> Listener {
        var spotters: [Spotter] = []
        var words: [String] = []
        for model in models {
            var manifest = try Manifest(path: model.file)
            // A model of several words says which is which.
            if let name = model.name, manifest.hop == nil { manifest.words[0].identifier = name }
            for word in manifest.words {
                guard !words.contains(where: { $0.isSame(as: word.identifier) }) else {
                    throw Failure(.usage, "--model \(model.file)", "\(word.identifier) is listened for already", "name each word once")
                }
                words.append(word.identifier)
            }
            do throws(Failure) {
                spotters.append(try Spotter(manifest, refractory: model.refractory ?? 1000, cutoff: model.cutoff))
            } catch { throw error.of("\(model.file)") }
        }
        return try Listener(spotters)
    }

    func makeOutputs(_ listener: Listener) throws(Failure) -> Outputs {
        let hasChip = !Chip.paths().isEmpty
        return try Outputs(
            outputs, words: listener.identifiers, driving: hasChip || !isTraced, trace: isTraced ? (isJSON ? .json : .text) : nil)
    }

    /// What `makeOutputs` would refuse without asking for a line.
    func checkOutputs(_ listener: Listener) throws(Failure) { _ = try Outputs(outputs, words: listener.identifiers, driving: false) }

    func makeCommands(_ listener: Listener) throws(Failure) -> CommandRunner {
        try CommandRunner(commands, words: listener.identifiers)
    }

    func makeRecorder() throws(Failure) -> Recorder? {
        guard !recording.folder.isEmpty else { return nil }
        return try Recorder(recording, rate: MicroFrontend.sampleRate)
    }

    func makeButton() throws(Failure) -> Button? {
        guard let button else { return nil }
        return try Button(button.spec, interval: button.debounce)
    }

    func makeSession(clock: Session.Clock, showsFile: Bool = false) throws(Failure) -> Session {
        let listener = try makeListener()
        return try Session(
            listener: listener, outputs: try makeOutputs(listener), commands: try makeCommands(listener), recorder: try makeRecorder(),
            mix: mix, report: Report(isJSON: isJSON, showsFile: showsFile), clock: clock)
    }
}

extension Listener {
    fileprivate var identifiers: [String] { words.map { $0.identifier } }
}
