import CLinux

/// Watches how loud a microphone is: level, clipping, DC offset, and silence that no room has.
///
/// Levels are those of one second of int16 sound, in dB of full scale: 0 dBFS is the level of a full-scale square wave,
/// −∞ is written as −120.
public struct LevelMeter: Sendable {
    /// Of the last whole second.
    public struct Levels: Sendable {
        /// Root mean square about the mean, and the largest sample, dBFS.
        public var rms = LevelMeter.floor
        public var peak = LevelMeter.floor
        /// The mean, as a part of full scale.
        public var offset = 0.0
        /// Share of samples at either end of the scale.
        public var clipped = 0.0
    }

    /// What a person should look at.
    public enum Remark: Sendable {
        case silent, heardAgain, clipping, offset
    }

    public static let floor = -120.0
    /// Below this peak for `patience` seconds: muted, or no microphone in the socket. The quietest room is 30 dB above it.
    static let silence = -85.0
    static let patience = 10  // s

    public private(set) var levels = Levels()

    private let rate: Int
    private var count = 0
    private var sum = 0
    private var squares = 0
    private var largest = 0
    private var clips = 0
    private var quietSeconds = 0
    private var hasClipped = false
    private var isOffset = false

    /// `rate`: samples per second.
    public init(rate: Int) { self.rate = rate }

    /// Sound is missing: the second begins anew.
    public mutating func interrupt() {
        count = 0
        sum = 0
        squares = 0
        largest = 0
        clips = 0
    }

    /// Hears mono sound. Returns a remark when there is a new one; allocates nothing.
    public mutating func hear(_ sound: UnsafeBufferPointer<Int16>) -> Remark? {
        var remark: Remark?
        for sample in sound {
            let value = Int(sample)
            sum += value
            squares += value * value
            largest = max(largest, abs(value))
            if value >= 32767 || value <= -32768 { clips += 1 }
            count += 1
            if count == rate { remark = finish() ?? remark }
        }
        return remark
    }

    private mutating func finish() -> Remark? {
        let n = Double(count)
        let mean = Double(sum) / n
        levels.offset = mean / 32768
        levels.rms = LevelMeter.decibels(max(Double(squares) / n - mean * mean, 0).squareRoot())
        levels.peak = LevelMeter.decibels(Double(largest))
        levels.clipped = Double(clips) / n
        interrupt()

        if levels.peak < LevelMeter.silence {
            quietSeconds += 1
            return quietSeconds == LevelMeter.patience ? .silent : nil
        }
        let wasSilent = quietSeconds >= LevelMeter.patience
        quietSeconds = 0
        if wasSilent { return .heardAgain }
        // Told once: whoever reads it looks at the microphone, not at the log.
        if levels.clipped > 0.001, !hasClipped {
            hasClipped = true
            return .clipping
        }
        if abs(levels.offset) > 0.02, !isOffset {
            isOffset = true
            return .offset
        }
        return nil
    }

    private static func decibels(_ value: Double) -> Double { value > 0 ? max(20 * log10(value / 32768), floor) : floor }
}
