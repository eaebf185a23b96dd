import ArgumentParser

/// The trainer's command line: one verb a file in Commands.
@main
struct Forge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "katydid-forge", abstract: "Trains, compresses and evaluates the models that katydid runs.",
        subcommands: [Record.self, Synth.self, Train.self, Speed.self, Export.self, Quantize.self, Evaluate.self, Tune.self])
}
