import Recordings
import Support
import Testing

@testable import Dataset

struct CorpusTests {
    let scratch = Scratch()

    @Test func folders() throws {
        for speaker in SplitTests.known.prefix(6).map(\.0) { try scratch.write("on/\(speaker)_nohash_0.wav", Tone.sine(400, 0.5)) }
        try scratch.write("off/099d52ad_nohash_0.wav", Tone.sine(600, 0.5))
        try scratch.write("_background_noise_/kitchen.wav", Tone.noise(3))
        try scratch.write("off/espeak-en-us+f1_nohash_2.wav", Tone.sine(600, 0.5))
        try scratch.write("on/notes.txt", Array("no sound".utf8))
        try Synthesiser.makeFolder(scratch.path + "/empty")
        var corpus = try Corpus([scratch.path])
        #expect(corpus.clips.count == 9)
        #expect(corpus.clips.filter { $0.word == "on" }.map(\.split) == [.validation, .train, .validation, .validation, .test, .train])
        #expect(corpus.clips.filter { $0.kind == .noise }.map(\.word) == ["_background_noise_"])
        #expect(corpus.clips.filter { $0.kind == .synthetic }.map(\.speaker) == ["espeak-en-us+f1"])
        #expect(corpus.remarks.contains { $0.contains("/empty: no recordings") })
        try corpus.check(words: ["on"])
        #expect(throws: Failure.self) { try corpus.check(words: ["nothing"]) }
    }

    /// One person alone would be in one split as a whole.
    @Test func oneSpeaker() throws {
        for i in 0..<40 { try scratch.write("lamp/me_nohash_\(i).wav", Tone.sine(400, 0.3)) }
        var corpus = try Corpus([scratch.path])
        #expect(Set(corpus.clips.map(\.split)).isSuperset(of: [.train, .validation]))
        #expect(corpus.clips.count { $0.split == .train } > 25)
        #expect(corpus.remarks.count == 1 && corpus.remarks[0].contains("1 speaker only"))
        try corpus.check(words: ["lamp"])
    }

    @Test func manifests() throws {
        let table = """
            path,word,speaker,split,seconds,licence,source
            w/a.wav,on,anna,train,1.0,"CC-BY (A, B)",here
            w/b.wav,on,bert,val,0.5,"",
            noise/rain/1-17367-A.wav,rain,,test,5,,
            noise/rain/1-17367-B.wav,rain,,test,5,,
            speech/talk.wav,talk,crowd,test,,,
            """
        try scratch.write("manifest.csv", Array(table.utf8))
        let corpus = try Corpus([scratch.path + "/manifest.csv"])
        #expect(corpus.clips.map(\.split) == [.train, .validation, .test, .test, .test])
        #expect(corpus.clips.map(\.kind) == [.real, .real, .noise, .noise, .speech])
        #expect(corpus.clips[0].licence == "CC-BY (A, B)" && corpus.clips[0].path == scratch.path + "/w/a.wav")
        #expect(corpus.clips[1].seconds == 0.5 && corpus.clips[4].seconds == nil)
        let resplit = try Corpus([scratch.path], resplit: [.noise])
        #expect(resplit.clips[2].split == resplit.clips[3].split && resplit.clips[2].split == Split.of(speaker: "1-17367"))
        #expect(resplit.clips[4].split == .test)
    }

    @Test(arguments: [
        ("path,word\n,on\n", "row 2"), ("path,word,split\na.wav,on,train\nb.wav,on,never\n", "row 3 has the split never"), ("name\nx\n", "row 2"),
        ("path,word\n", "no recordings"), ("", "no"),
    ]) func badManifests(_ text: String, _ why: String) throws {
        try scratch.write("bad.csv", Array(text.utf8))
        do {
            _ = try Corpus([scratch.path + "/bad.csv"])
            Issue.record("was taken")
        } catch { #expect(error.line.contains(why) && !error.line.contains("\n"), "\(error.line)") }
    }

    @Test func whatCannotBeReadIsLeftOut() throws {
        try scratch.write("on/a_0.wav", Tone.sine(400, 1))
        try scratch.write("on/b_0.wav", Array("no sound".utf8))
        try scratch.write("on/c_0.wav", Tone.silence(1))
        let bank = try SoundBank(Corpus([scratch.path]), splits: Set(Split.allCases))
        #expect(bank.clips.count == 1)
        #expect(bank.remarks.contains { $0.contains("b_0.wav: no sound") } && bank.remarks.contains { $0.contains("c_0.wav: is silent") })
    }
}
