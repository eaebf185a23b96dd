import AudioFrontend
import Interpreter
import Support

/// Several models hearing one sound: those with the same feature step share a front-end.
public final class Listener {
    /// The models' words, one model's behind the other's: a word is known by its index here, whatever hears it.
    public let words: [Word]
    public let models: [Spotter]
    private let ears: [Ear]
    /// Samples heard since the last reset.
    public private(set) var samples = 0

    /// A front-end, and the models that listen to it.
    private final class Ear {
        var frontend: MicroFrontend
        var models: [Spotter] = []

        init(step: Int) throws(Failure) { frontend = try MicroFrontend(stepMilliseconds: step) }
    }

    public init(_ models: [Spotter]) throws(Failure) {
        var words: [Word] = []
        var ears: [Ear] = []
        var steps: [Int] = []
        for model in models {
            let step = model.manifest.stepMilliseconds
            if !steps.contains(step) {
                steps.append(step)
                ears.append(try Ear(step: step))
            }
            ears[steps.firstIndex(of: step)!].models.append(model)
            model.firstWord = words.count
            for word in model.manifest.words { words.append(word) }
        }
        self.models = models
        self.words = words
        self.ears = ears
    }

    /// The mean of a word's last scores, 0…1.
    public func score(of word: Int) -> Double {
        let model = models[models.lastIndex { $0.firstWord <= word } ?? 0]
        return model.score(of: word - model.firstWord)
    }

    /// What all models take.
    public var modelBytes: Int {
        var bytes = 0
        for model in models { bytes += model.interpreter.footprint.total }
        return bytes
    }

    /// Hears 16 kHz mono sound. Calls `heard` with a word's index and the sample, counted from the last
    /// reset, at whose arrival it was heard. Allocates nothing.
    @inline(never)
    public func hear(_ sound: UnsafeBufferPointer<Int16>, _ heard: (_ word: Int, _ sample: Int) -> Void) {
        for ear in ears {
            var rest = sound
            while ear.frontend.feed(&rest) {
                for model in ear.models {
                    if let word = model.hear(ear.frontend.features) { heard(model.firstWord + word, samples + sound.count - rest.count) }
                }
            }
        }
        samples += sound.count
    }

    /// Sound is missing from here on: what comes next must not make a word together with what was before.
    public func interrupt() {
        for ear in ears { ear.frontend.reset() }
        for model in models { model.reset() }
    }

    /// Goes on where `other` has come to: its samples count as heard here.
    public func follow(_ other: Listener) { samples = other.samples }

    /// Forgets all sound: as new.
    public func reset() {
        interrupt()
        samples = 0
    }
}
