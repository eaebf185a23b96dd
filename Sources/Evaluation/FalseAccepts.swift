import Dataset
import KeywordSpotting
import Support

/// What is heard in recordings in which nobody says a word of the model.
public struct FalseAccepts: Sendable {
    /// A recording's place in its stream.
    struct Part: Sendable {
        var file: Stream.File
        var samples: Range<Int>
    }

    struct Heard: Sendable {
        var parts: [Part] = []
        var track: ScoreTrack
    }

    let heard: [Heard]
    let words: [String]
    /// Of files that could not be read: one line each.
    public let remarks: [String]

    public struct Accept: Codable, Sendable, Equatable {
        public var path: String, group: String
        /// Where in the recording.
        public var second: Double
        public var word: String
        public var score: Double
    }

    public init(
        _ manifest: Manifest, _ streams: [Stream], threads: Int = 2, progress: (@Sendable (Int, Int) -> Void)? = nil
    ) throws(Failure) {
        let all = try inParallel(streams.count, threads: threads, progress: progress) { () throws(Failure) in
            try Ear(manifest)
        } _: { ear, i in
            var parts: [Part] = [], remarks: [String] = [], at = 0
            for file in streams[i].files {
                do throws(Failure) {
                    let sound = try Sound.read(file.path, limit: Sound.recordingLimit)
                    ear.hear(sound)
                    parts.append(Part(file: file, samples: at..<at + sound.count))
                    at += sound.count
                } catch { remarks.append("\(error.what): \(error.why); it is left out") }
            }
            return (Heard(parts: parts, track: ear.finish()), remarks)
        }
        heard = all.map(\.0)
        remarks = all.flatMap(\.1)
        words = manifest.words.map(\.identifier)
        guard seconds > 0 else { throw Failure(.noInput, "the recordings", "none can be read", "\(remarks.first ?? "name some")") }
    }

    init(heard: [Heard], words: [String]) {
        self.heard = heard
        self.words = words
        remarks = []
    }

    public var seconds: Double { heard.reduce(0) { $0 + $1.seconds } }
    public var hours: Double { seconds / 3600 }

    /// With a cutoff for each word.
    public func accepts(cutoffs: [Double]) -> [Accept] {
        heard.flatMap { heard in
            heard.track.detections(cutoffs: cutoffs).map { detection in
                // What is heard at a recording's last sample was said in it.
                let part = heard.parts.first { detection.sample <= $0.samples.upperBound } ?? heard.parts[heard.parts.count - 1]
                return Accept(
                    path: part.file.path, group: part.file.group, second: Double(detection.sample - part.samples.lowerBound) / Double(Sound.rate),
                    word: words[detection.word], score: detection.score)
            }
        }
    }

    public func perHour(cutoff: Double) -> Double {
        Double(heard.reduce(0) { $0 + $1.track.detections(cutoff: cutoff).count }) / hours
    }

    /// Seconds of each group, in order of appearance.
    public var groups: [(name: String, seconds: Double)] {
        var list: [(name: String, seconds: Double)] = []
        for part in heard.flatMap(\.parts) {
            let seconds = Double(part.samples.count) / Double(Sound.rate)
            if let i = list.firstIndex(where: { $0.name == part.file.group }) { list[i].seconds += seconds } else { list.append((part.file.group, seconds)) }
        }
        return list
    }
}

extension FalseAccepts.Heard {
    var seconds: Double { Double(parts.last?.samples.upperBound ?? 0) / Double(Sound.rate) }
}
