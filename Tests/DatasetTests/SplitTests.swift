import Testing

@testable import Dataset

struct SplitTests {
    /// What TensorFlow's which_set says of these, computed with Python's hashlib.
    static let known: [(String, Split)] = [
        ("c1e0e8e3", .train), ("1746d7b6", .train), ("099d52ad", .validation), ("4abefdf5", .validation), ("257e17e0", .validation),
        ("964e8cfd", .test), ("me", .test), ("", .train),
        ("speaker with a name that is longer than a block of sixty-four bytes, so two", .train), ("00000000", .validation),
        ("9e3779b1", .validation), ("3c6ef362", .train), ("2e2ac0ea", .validation), ("cc623a9b", .train),
    ]

    @Test func speechCommandsRule() {
        for (speaker, split) in Self.known { #expect(Split.of(speaker: speaker) == split, "\(speaker)") }
        let many = (0..<5000).map { Split.of(speaker: "speaker \($0)") }
        #expect((400...600).contains(many.count { $0 == .validation }))
        #expect((400...600).contains(many.count { $0 == .test }))
    }

    /// FIPS 180-4's own example.
    @Test func digest() {
        #expect(SHA1.digest("abc".utf8) == [0xa999_3e36, 0x4706_816a, 0xba3e_2571, 0x7850_c26c, 0x9cd0_d89d])
    }

    @Test func speakersOfFiles() {
        #expect(Clip.speaker(ofFile: "a/yes/099d52ad_nohash_3.flac") == "099d52ad")
        #expect(Clip.speaker(ofFile: "flite-cmu_us_slt_nohash_3.wav") == "flite-cmu_us_slt")
        #expect(Clip.speaker(ofFile: "anna_12.wav") == "anna" && Clip.speaker(ofFile: "x/anna.v2.wav") == "anna.v2")
    }
}
