import Support
import Testing

@testable import AudioFrontend

@Suite struct FeatureQuantizerTests {
    private let all = (0...65535).map { UInt16($0) }

    @Test func everyFeatureIsQuantizedAsNumpyDoes() throws {
        for line in try Golden.lines("quantizers.crc") {
            let quantizer = try FeatureQuantizer(scale: #require(Float(line[0])), zeroPoint: #require(Int32(line[1])))
            #expect(CRC32.of(all.map { quantizer($0) }) == line[2], "scale \(line[0]), zero point \(line[1])")
            let together = [Int8](unsafeUninitializedCapacity: all.count) { output, count in
                all.withUnsafeBufferPointer { quantizer($0, to: output.baseAddress!) }
                count = all.count
            }
            #expect(CRC32.of(together) == line[2])
        }
    }

    @Test func saturationKeepsTheRest() throws {
        let wrapping = try FeatureQuantizer(scale: 26 / 255, zeroPoint: -128)
        let saturating = try FeatureQuantizer(scale: 26 / 255, zeroPoint: -128, saturates: true)
        for feature in 0...666 { #expect(wrapping(UInt16(feature)) == saturating(UInt16(feature))) }
        #expect(wrapping(670) < 0)
        for feature in 667...65535 { #expect(saturating(UInt16(feature)) == 127) }
    }

    @Test func espHomeIsClamped() {
        #expect(FeatureQuantizer.espHome(0) == -128)
        #expect(FeatureQuantizer.espHome(333) == 0)
        #expect(FeatureQuantizer.espHome(664) == 127)
        #expect(FeatureQuantizer.espHome(65535) == 127)
        for v in all where v < 664 {
            #expect(FeatureQuantizer.espHome(v) == Int8((Int(v) * 256 + 333) / 666 - 128))
        }
    }

    @Test(arguments: [0, -1, Float.nan, Float.infinity, 1e-9]) func badScalesAreRefused(_ scale: Float) {
        #expect(throws: Failure.self) { _ = try FeatureQuantizer(scale: scale, zeroPoint: 0) }
    }
}
