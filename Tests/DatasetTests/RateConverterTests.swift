import Testing

@testable import Dataset

@Suite struct RateConverterTests {
    /// A tone of 500 Hz, so many s of it.
    private func tone(rate: Int, seconds: Double, amplitude: Double) -> [Int16] {
        var turn = 0.0
        return (0..<Int(seconds * Double(rate))).map { _ in
            turn += 500 / Double(rate)
            return Int16(amplitude * (4 * abs(turn - turn.rounded()) - 1))
        }
    }

    /// What was converted before, at this rate or another, is not heard in what comes after.
    @Test func soundsAreConvertedAsByOneOfTheirOwn() throws {
        let sounds = [(44100, 0.3), (22050, 0.2), (44100, 0.1), (16000, 0.1), (8000, 0.5), (44100, 0.3), (22050, 0.01)]
        let converter = RateConverter()
        for (i, (rate, seconds)) in sounds.enumerated() {
            let sound = tone(rate: rate, seconds: seconds, amplitude: 3000 * Double(i + 1))
            let converted = try converter.convert(sound, from: rate)
            #expect(converted == (try RateConverter().convert(sound, from: rate)))
            #expect(converted.count == sound.count * 16000 / rate)
        }
    }
}
