import AudioFrontend
import CLinux
import CSndFile
import Support

/// Reads recordings as everything here has them: 16 kHz, mono, int16.
///
/// libsndfile reads WAV, FLAC, MP3, Ogg Vorbis and Opus, the last at 16 kHz without a detour over 48. Channels become
/// their mean, other rates go through the device's own `Resampler`.
public enum Sound {
    /// Samples per second.
    public static let rate = 16000
    /// A clip is a word or a sentence: a longer one is a mistake. s
    public static let clipLimit = 60.0
    /// What a running recording may have: two hours are half a GB. s
    public static let recordingLimit = 7200.0

    /// SF_FORMAT_MPEG of newer libsndfiles.
    private static let mp3: Int32 = 0x23_0000
    /// Frames that a container may count and not hold. MP3 counts what its coder put before and behind the sound; the end of
    /// an Ogg may lie behind the last whole block, which has 8192 at most.
    private static func uncounted(_ format: Int32) -> Int {
        switch format & Int32(SF_FORMAT_TYPEMASK) {
        case mp3: 2 * 1152
        case Int32(SF_FORMAT_OGG): 8192
        default: 0
        }
    }

    /// All samples of a file. Throws `Failure` for one that is missing, empty, no sound, damaged, or longer than `limit` s.
    public static func read(_ path: String, limit: Double = clipLimit) throws(Failure) -> [Int16] {
        try read(path, limit: limit, converter: RateConverter())
    }

    /// The same for one of many files.
    static func read(_ path: String, limit: Double, converter: RateConverter) throws(Failure) -> [Int16] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("\(path)", "check the path") }
        guard Int32(bitPattern: status.st_mode) & S_IFMT == S_IFREG else {
            throw Failure(.noInput, "\(path)", "not a regular file", "give the path of a recording")
        }
        guard status.st_size > 0 else { throw Failure(.data, "\(path)", "the file is empty", "record it again, or remove it") }

        var info = SF_INFO()
        guard let file = sf_open(path, Int32(SFM_READ), &info) else {
            throw Failure(
                .data, "\(path)", "no sound that libsndfile can read (\(reason(nil)))", "remove it, or convert it: sox IN -r 16000 -c 1 OUT.flac")
        }
        defer { sf_close(file) }
        let channels = Int(info.channels), from = Int(info.samplerate)
        guard info.frames > 0 else { throw Failure(.data, "\(path)", "holds no sound", "record it again, or remove it") }
        // A damaged header can promise anything: the length is believed only where the limit is kept.
        let seconds = Double(info.frames) / Double(max(from, 1))
        guard seconds <= limit else {
            throw Failure(
                .data, "\(path)", "is \(Int(min(seconds, 1e9))) s long, and \(Int(limit)) s is the limit here",
                "cut it, or put it into a folder named speech or noise")
        }
        guard (1...64).contains(channels) else { throw Failure(.data, "\(path)", "has \(channels) channels", "convert it to mono") }

        var samples: [Int16]
        do {
            // Whole frames at a time, mixed in place: a recording of an hour with many channels needs no more memory than its mono.
            var mono: [Int16] = []
            mono.reserveCapacity(Int(info.frames))
            let piece = 8192
            var buffer = [Int16](repeating: 0, count: piece * channels)
            while true {
                let frames = Int(sf_readf_short(file, &buffer, sf_count_t(piece)))
                guard frames > 0 else { break }
                let mixed = buffer.withUnsafeMutableBufferPointer { buffer in
                    channels == 1
                        ? frames
                        : ChannelMix.mean.apply(
                            UnsafeBufferPointer(rebasing: buffer[..<(frames * channels)]), channels: channels, to: buffer)
                }
                mono.append(contentsOf: buffer[..<mixed])
            }
            samples = mono
        }
        guard sf_error(file) == 0 else {
            throw Failure(.data, "\(path)", "is damaged (\(reason(file)))", "copy it again, or remove it")
        }
        // A damaged block of FLAC is passed over without an error.
        guard samples.count + uncounted(info.format) >= Int(info.frames) else {
            throw Failure(.data, "\(path)", "is damaged: \(samples.count) of \(Int(info.frames)) frames come out of it", "copy it again, or remove it")
        }
        if from != rate {
            do throws(Failure) { samples = try converter.convert(samples, from: from) } catch { throw error.of("\(path)") }
        }
        return samples
    }

    /// What one should know of a sound that can be read all the same.
    public enum Remark: Sendable, Equatable {
        /// Nothing above −60 dBFS: no word was recorded.
        case silent
        /// The share of samples at either end of the scale.
        case clipped(Double)

        /// One line for people, without the path.
        public var text: String {
            switch self {
            case .silent: "is silent; record it again, or remove it"
            case .clipped(let share): "is clipped (\(max(Int(share * 100), 1)) % of its samples); record it with less gain"
            }
        }
    }

    /// nil: nothing to complain of.
    public static func remark(on samples: [Int16]) -> Remark? {
        var largest = 0
        var clips = 0
        for sample in samples {
            largest = max(largest, abs(Int(sample)))
            if sample == .max || sample == .min { clips += 1 }
        }
        if largest < 33 { return .silent }
        let share = Double(clips) / Double(max(samples.count, 1))
        return share > 0.01 ? .clipped(share) : nil
    }

    /// libsndfile's own words, without the stop that ends some of them.
    static func reason(_ file: OpaquePointer?) -> String {
        var text = String(cString: sf_strerror(file))
        while let last = text.last, last == "." || last == "\n" { text.removeLast() }
        return text
    }
}
