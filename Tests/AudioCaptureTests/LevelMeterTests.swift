import Testing

@testable import AudioCapture

@Suite struct LevelMeterTests {
    /// What is remarked during `seconds` of a sound that is given by its sample.
    private func hear(_ meter: inout LevelMeter, seconds: Int, _ sample: (Int) -> Int16) -> [LevelMeter.Remark] {
        var remarks: [LevelMeter.Remark] = []
        let sound = (0..<(seconds * 1000)).map(sample)
        sound.withUnsafeBufferPointer { all in
            for start in stride(from: 0, to: all.count, by: 130) {
                if let remark = meter.hear(UnsafeBufferPointer(rebasing: all[start..<min(start + 130, all.count)])) { remarks.append(remark) }
            }
        }
        return remarks
    }

    @Test func levels() {
        var meter = LevelMeter(rate: 1000)
        #expect(hear(&meter, seconds: 1) { $0 % 2 == 0 ? 16384 : -16384 }.isEmpty)
        #expect(abs(meter.levels.rms + 6.0206) < 0.001 && abs(meter.levels.peak + 6.0206) < 0.001)
        #expect(meter.levels.offset == 0 && meter.levels.clipped == 0)
    }

    @Test func remarksComeOnce() {
        var meter = LevelMeter(rate: 1000)
        #expect(hear(&meter, seconds: 25) { _ in 0 } == [.silent])
        #expect(meter.levels.peak == LevelMeter.floor)
        #expect(hear(&meter, seconds: 3) { Int16($0 % 7) } == [.heardAgain])
        #expect(hear(&meter, seconds: 3) { $0 % 100 == 0 ? 32767 : Int16($0 % 50) - 25 } == [.clipping])
        #expect(hear(&meter, seconds: 3) { 2000 + Int16($0 % 7) } == [.offset])
    }
}
