import AudioCapture
import AudioFrontend
import GPIO
import KeywordSpotting
import Support

/// The parts that a configuration asks for. Each throws `Failure` that says what cannot be had.
extension Configuration {
    func makeListener() throws(Failure) -> Listener {
        var words: [WakeWord] = []
        for model in models {
            var manifest = try Manifest(path: model.file)
            if let name = model.name { manifest.identifier = name }
            for word in words where word.manifest.identifier.isSame(as: manifest.identifier) {
                throw Failure(.usage, "--model \(model.file)", "\(manifest.identifier) is listened for already", "name each word once")
            }
            do throws(Failure) {
                words.append(try WakeWord(manifest, refractory: model.refractory ?? 1000, cutoff: model.cutoff))
            } catch { throw error.of("\(model.file)") }
        }
        return try Listener(words)
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
    fileprivate var identifiers: [String] { words.map { $0.manifest.identifier } }
}
