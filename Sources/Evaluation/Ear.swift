import AudioFrontend
import Dataset
import Support

/// A model that hears sound piece by piece, as `katydid listen` runs it, and whose smoothed scores are written down.
public final class Ear {
    private let subject: Subject
    private let listening: Subject.Listening
    private let scorer: any Scorer
    private let quantizer: FeatureQuantizer
    private var frontend: MicroFrontend
    /// [frames, channels], the newest last.
    private var window: [Float]
    private var recent: [[Float]] = []
    private var due: Int
    private var means: [Double] = []

    public init(_ subject: Subject, _ listening: Subject.Listening) throws(Failure) {
        self.subject = subject
        self.listening = listening
        scorer = try subject.makeScorer()
        frontend = try MicroFrontend(stepMilliseconds: subject.features.step)
        quantizer = try FeatureQuantizer(scale: Features.scale, zeroPoint: Int32(Features.zeroPoint), saturates: subject.features.saturates)
        window = Array(repeating: 0, count: subject.features.count)
        due = subject.features.frames
    }

    public func hear(_ sound: [Int16]) {
        sound.withUnsafeBufferPointer { sound in
            var rest = sound
            while frontend.feed(&rest) {
                window.removeFirst(Features.channels)
                for feature in frontend.features { window.append(Float(Int(quantizer(feature)) - Features.zeroPoint) * Features.scale) }
                due -= 1
                if due == 0 { infer() }
            }
        }
    }

    private func infer() {
        due = listening.hop
        recent.append(window.withUnsafeBufferPointer { scorer.scores($0) })
        if recent.count > listening.window { recent.removeFirst() }
        for c in subject.classes.indices {
            means.append(recent.count < listening.window ? 0 : recent.reduce(0) { $0 + Double($1[c]) } / Double(listening.window))
        }
    }

    /// All that was heard since the last time; it forgets it, as new.
    public func finish() -> ScoreTrack {
        let step = subject.features.stepSamples
        let track = ScoreTrack(
            classes: subject.classes, means: means, first: Int(MicroFrontend.windowSamples) + (subject.features.frames - 1) * step,
            interval: listening.hop * step, hop: listening.hop, refractory: 1000 / subject.features.step)
        frontend.reset()
        recent = []
        means = []
        due = subject.features.frames
        return track
    }
}
