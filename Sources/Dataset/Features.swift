import AudioFrontend
import CLinux
import Support

/// What a network gets of a window of sound: the newest frames of the device's own front-end, quantised as an INT8 model's
/// input is, as real numbers: (q + 128) · 0.1015625.
public struct Features: ~Copyable {
    public static let channels = Int(MicroFrontend.channels)
    /// microWakeWord's: 0…25.9.
    public static let scale: Float = 0.1015625
    public static let zeroPoint = -128

    public struct Settings: Codable, Sendable, Equatable {
        /// From one frame to the next: 10 or 20 ms.
        public var step = 20
        /// s
        public var window = 1.0
        /// What is beyond 127 stays there, instead of wrapping around as in `WakeWord`.
        public var saturates = false

        public init(step: Int = 20, window: Double = 1) {
            self.step = step
            self.window = window
        }

        public var samples: Int { Int(window * Double(Sound.rate)) }
        public var stepSamples: Int { step * Sound.rate / 1000 }
        /// 49 of a second with steps of 20 ms, 98 with 10.
        public var frames: Int { max((samples - Int(MicroFrontend.windowSamples)) / stepSamples + 1, 0) }
        /// Floats of a window.
        public var count: Int { frames * Features.channels }
    }

    public let settings: Settings
    private var frontend: MicroFrontend
    private let table: [Float]
    private let quantizer: FeatureQuantizer

    /// Throws `Failure` for a step that the front-end doesn't have, or a window without a frame.
    public init(_ settings: Settings = Settings()) throws(Failure) {
        guard (1...30).contains(settings.step), settings.window.isFinite, settings.window <= 10, settings.frames > 0 else {
            throw Failure(.usage, "features of \(settings.step) ms", "steps lie between 1 and 30 ms, windows between 0.03 and 10 s", "use 20 ms and 1 s")
        }
        let quantizer = try FeatureQuantizer(scale: Self.scale, zeroPoint: Int32(Self.zeroPoint), saturates: settings.saturates)
        frontend = try MicroFrontend(stepMilliseconds: settings.step)
        self.settings = settings
        self.quantizer = quantizer
        table = (-128...127).map { Float($0 + 128) * Self.scale }
    }

    /// Hears all of `sound` with a front-end as new, and puts the features of its last frames into `output` [frames, 40]: zeros in
    /// front where there are too few.
    public mutating func callAsFunction(_ sound: UnsafeBufferPointer<Int16>, to output: UnsafeMutablePointer<Float>) {
        frontend.reset()
        let wanted = settings.frames
        let whole = max((sound.count - Int(MicroFrontend.windowSamples)) / settings.stepSamples + 1, 0)
        var skip = whole - wanted
        var at = output
        if skip < 0 {
            at.update(repeating: 0, count: -skip * Self.channels)
            at += -skip * Self.channels
        }
        var rest = sound
        while frontend.feed(&rest) {
            skip -= 1
            if skip >= 0 { continue }
            put(to: at)
            at += Self.channels
        }
    }

    /// The same for an array: [frames · 40].
    public mutating func callAsFunction(_ sound: [Int16]) -> [Float] {
        var output = [Float](repeating: 0, count: settings.count)
        sound.withUnsafeBufferPointer { sound in
            output.withUnsafeMutableBufferPointer { self(sound, to: $0.baseAddress!) }
        }
        return output
    }

    /// The features of all its frames, as one hears them who listens from its start on: [frames · 40].
    public mutating func all(of sound: [Int16]) -> [Float] {
        frontend.reset()
        var output: [Float] = []
        sound.withUnsafeBufferPointer { sound in
            var rest = sound
            while frontend.feed(&rest) {
                output += repeatElement(0, count: Self.channels)
                output.withUnsafeMutableBufferPointer { put(to: $0.baseAddress! + $0.count - Self.channels) }
            }
        }
        return output
    }

    /// The newest frame: [40].
    private func put(to output: UnsafeMutablePointer<Float>) {
        let features = frontend.features
        for channel in 0..<Self.channels { output[channel] = table[Int(quantizer(features[channel])) + 128] }
    }
}
