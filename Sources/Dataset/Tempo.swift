import CSonic

/// The same voice in more or less of a hurry: libsonic leaves out or repeats periods of the voice, so its pitch stays.
enum Tempo {
    /// What is heard about `extent` of a sound, `factor` times as fast, with `margin` samples before and behind where the sound has
    /// them; and the extent in it. The sound as it was where memory lacks.
    static func change(
        _ sound: [Int16], about extent: Range<Int>, margin: Int, by factor: Double
    ) -> (sound: [Int16], extent: Range<Int>) {
        let part = max(extent.lowerBound - margin, 0)..<min(extent.upperBound + margin, sound.count)
        guard let stream = sonicCreateStream(Int32(Sound.rate), 1) else { return (sound, extent) }
        defer { sonicDestroyStream(stream) }
        sonicSetSpeed(stream, Float(factor))
        var input = Array(sound[part])
        guard sonicWriteShortToStream(stream, &input, Int32(input.count)) != 0, sonicFlushStream(stream) != 0 else { return (sound, extent) }
        var out = [Int16](repeating: 0, count: Int(sonicSamplesAvailable(stream)))
        let count = Int(sonicReadShortFromStream(stream, &out, Int32(out.count)))
        out.removeLast(out.count - count)
        func place(_ position: Int) -> Int { Int(Double(position - part.lowerBound) / factor) }
        return (out, place(extent.lowerBound)..<place(extent.upperBound))
    }
}
