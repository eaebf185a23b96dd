import CLinux
import Microphones

/// What `listen` has to hear in these tests: manifests in the folder, of models that Tests/Fuzz/make_seeds.py made.
extension Folder {
    /// A wake word that is heard always.
    func alwaysHeard() -> String {
        _ = write("wake.tflite", contents(seeds + "model/wake.tflite"))
        return write(
            "wake.json",
            #"{"type":"micro","wake_word":"Wake","author":"Nobody","website":"https://example.org","trained_languages":["en","de"],"#
                + #""model":"wake.tflite","version":2,"micro":{"probability_cutoff":0.9,"sliding_window_size":5}}"#)
    }

    /// A model that hears "on" in a low tone and "off" in a high one. A folder with it can be KATYDID_MODELS.
    func commands() -> String {
        _ = write("commands.tflite", contents(seeds + "model/commands.tflite"))
        return write("commands.json", contents(seeds + "manifest/commands.json"))
    }
}

/// "on", and two seconds later "off", with silence around; 16 kHz.
let onAndOff: [UInt8] = {
    var bytes: [UInt8] = []
    for i in 0..<80_000 {
        let isOn = (16_000..<28_000).contains(i), isOff = (48_000..<60_000).contains(i)
        let period = isOn ? 50.0 : 4.0
        let level = isOn || isOff ? Int16(8000 * sin(2 * .pi * Double(i) / period)) : 0
        bytes += [UInt8(truncatingIfNeeded: level), UInt8(truncatingIfNeeded: level >> 8)]
    }
    return bytes
}()

/// A WAV file's bytes, right or wrong.
func wav(tag: Int = 1, bits: Int = 16, rate: Int = 16000, channels: Int = 1, data: [UInt8], promised: Int? = nil) -> [UInt8] {
    func le(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(value >> (8 * $0) & 255) } }
    let frame = channels * bits / 8
    let format = le(tag, 2) + le(channels, 2) + le(rate, 4) + le(rate * frame, 4) + le(frame, 2) + le(bits, 2)
    let body = Array("WAVEfmt ".utf8) + le(16, 4) + format + Array("data".utf8) + le(promised ?? data.count, 4) + data
    return Array("RIFF".utf8) + le(body.count, 4) + body
}

/// A microphone called mic that plays noise, four times as fast as time goes, until something is wrong with it; and the
/// environment that it is found in.
func faultyMicrophone() -> (Fault, environment: String) {
    let fail = Fault()
    let noise = memoryFile("noise", (0..<32_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 5) })
    let devices = "pcm.mic { type filemic  file \"\(noise)\"  loop 1  speed 4  control \"\(fail.path)\" }"
    return (fail, "ALSA_CONFIG_PATH=" + alsaConfiguration(devices))
}
