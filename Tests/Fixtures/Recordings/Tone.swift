import CLinux
import Dataset

public enum Tone {
    /// Hz, s, of full scale, at a rate.
    public static func sine(_ frequency: Double, _ seconds: Double, _ amplitude: Double = 0.5, rate: Int = Sound.rate) -> [Int16] {
        (0..<Int(seconds * Double(rate))).map { Int16(amplitude * 32767 * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
    }

    public static func silence(_ seconds: Double) -> [Int16] { [Int16](repeating: 0, count: Int(seconds * Double(Sound.rate))) }

    public static func noise(_ seconds: Double, _ amplitude: Double = 0.1, seed: UInt64 = 1) -> [Int16] {
        var generator = Generator(seed)
        return (0..<Int(seconds * Double(Sound.rate))).map { _ in Int16(generator.between(-amplitude, amplitude) * 32767) }
    }

    /// 16-bit PCM WAV of any rate and number of channels.
    public static func wav(_ frames: [Int16], rate: Int, channels: Int = 1) -> [UInt8] {
        func le(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let data = frames.flatMap { le(Int($0), 2) }
        return Array("RIFF".utf8) + le(36 + data.count, 4) + Array("WAVEfmt ".utf8) + le(16, 4) + le(1, 2) + le(channels, 2) + le(rate, 4)
            + le(2 * rate * channels, 4) + le(2 * channels, 2) + le(16, 2) + Array("data".utf8) + le(data.count, 4) + data
    }
}
