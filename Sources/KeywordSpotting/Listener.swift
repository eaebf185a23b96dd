import AudioFrontend
import Support

/// Several wake words hearing one sound: words with the same feature step share a front-end.
public final class Listener {
    public let words: [WakeWord]
    private let ears: [Ear]
    /// Samples heard since the last reset.
    public private(set) var samples = 0

    /// A front-end and the words that listen to it (indices into `words`).
    private final class Ear {
        var frontend: MicroFrontend
        var members: [Int] = []

        init(step: Int) throws(Failure) { frontend = try MicroFrontend(stepMilliseconds: step) }
    }

    public init(_ words: [WakeWord]) throws(Failure) {
        self.words = words
        var ears: [Ear] = []
        var steps: [Int] = []
        for (i, word) in words.enumerated() {
            let step = word.manifest.stepMilliseconds
            if !steps.contains(step) {
                steps.append(step)
                ears.append(try Ear(step: step))
            }
            ears[steps.firstIndex(of: step)!].members.append(i)
        }
        self.ears = ears
    }

    /// Hears 16 kHz mono sound. Calls `heard` with a word's index and the sample, counted from the last
    /// reset, at whose arrival it was heard. Allocates nothing.
    @inline(never)
    public func hear(_ sound: UnsafeBufferPointer<Int16>, _ heard: (_ word: Int, _ sample: Int) -> Void) {
        for ear in ears {
            var rest = sound
            while ear.frontend.feed(&rest) {
                for i in ear.members where words[i].hear(ear.frontend.features) {
                    heard(i, samples + sound.count - rest.count)
                }
            }
        }
        samples += sound.count
    }

    /// Sound is missing from here on: what comes next must not make a word together with what was before.
    public func interrupt() {
        for ear in ears { ear.frontend.reset() }
        for word in words { word.reset() }
    }

    /// Goes on where `other` has come to: its samples count as heard here.
    public func follow(_ other: Listener) { samples = other.samples }

    /// Forgets all sound: as new.
    public func reset() {
        interrupt()
        samples = 0
    }
}
