import CALSA
import CLinux
import Support

/// What a capture device and we agreed on.
struct Agreement {
    var rate = 0
    var channels = 0
    var periodFrames = 0
    var bufferFrames = 0
}

/// In the order in which we want them: the networks' own rate, then those that divide well.
private let preferredRates: [UInt32] = [16_000, 32_000, 48_000, 44_100]

/// Settles format, rate, channels, period and buffer with an open device, and prepares it.
func negotiate(_ pcm: OpaquePointer, _ device: String) throws(Failure) -> Agreement {
    var hardware: OpaquePointer?
    var software: OpaquePointer?
    guard snd_pcm_hw_params_malloc(&hardware) >= 0, snd_pcm_sw_params_malloc(&software) >= 0 else {
        throw Failure(.system, "\(device)", "out of memory", "free some")
    }
    defer {
        snd_pcm_hw_params_free(hardware)
        snd_pcm_sw_params_free(software)
    }

    func need(_ code: Int32, _ what: StaticString) throws(Failure) {
        guard code >= 0 else {
            throw Failure(
                .unavailable, "\(device)", "the device has no \(what) (\(String(cString: snd_strerror(code))))",
                "let ALSA convert: use plug\(device) or default")
        }
    }

    try need(snd_pcm_hw_params_any(pcm, hardware), "capture settings")
    try need(snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED), "interleaved access")
    try need(snd_pcm_hw_params_set_format(pcm, hardware, SND_PCM_FORMAT_S16_LE), "16-bit samples")

    // Where a plug stands between the device and us, it must not resample: AudioFrontend does it better.
    snd_pcm_hw_params_set_rate_resample(pcm, hardware, 0)
    var rate = preferredRates[0]
    for wanted in preferredRates where snd_pcm_hw_params_test_rate(pcm, hardware, wanted, 0) == 0 {
        rate = wanted
        break
    }
    try need(snd_pcm_hw_params_set_rate_near(pcm, hardware, &rate, nil), "usable sample rate")

    var channels: UInt32 = 1
    if snd_pcm_hw_params_test_channels(pcm, hardware, 1) < 0 {
        try need(snd_pcm_hw_params_get_channels_min(hardware, &channels), "channels")
    }
    try need(snd_pcm_hw_params_set_channels(pcm, hardware, channels), "usable channel count")
    guard Limits.rates.contains(Int(rate)), Limits.channels.contains(Int(channels)) else {
        throw Failure(.unavailable, "\(device)", "offers \(rate) Hz with \(channels) channels", "take another: katydid devices")
    }

    var period = snd_pcm_uframes_t(rate / 50)  // 20 ms
    var buffer = snd_pcm_uframes_t(rate / 5 * 2)  // 400 ms: a slow SD card has its moments
    try need(snd_pcm_hw_params_set_period_size_near(pcm, hardware, &period, nil), "usable period")
    try need(snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &buffer), "usable buffer")
    try need(snd_pcm_hw_params(pcm, hardware), "such combination of settings")

    try need(snd_pcm_sw_params_current(pcm, software), "software settings")
    try need(snd_pcm_sw_params_set_avail_min(pcm, software, period), "wake-up setting")
    try need(snd_pcm_sw_params_set_start_threshold(pcm, software, 1), "start setting")
    try need(snd_pcm_sw_params(pcm, software), "software settings")
    return Agreement(rate: Int(rate), channels: Int(channels), periodFrames: Int(period), bufferFrames: Int(buffer))
}

extension Failure {
    /// A libasound call on `device` that returned the negative `code`.
    static func alsa(_ device: String, _ code: Int32, _ remedy: Message) -> Failure {
        Failure(.io, "\(device)", "\(String(cString: snd_strerror(code)))", remedy)
    }

    /// snd_pcm_open(3) of `device` returned `code`: says what there is instead.
    static func opening(_ device: String, _ code: Int32) -> Failure {
        switch -code {
        case EBUSY:
            return Failure(
                .unavailable, "\(device)", "another program is capturing from it",
                "stop that program (fuser -v /dev/snd/* names it), or share the device through dsnoop")
        case EACCES, EPERM:
            return Failure(.permission, "\(device)", "no permission", "join the group: sudo usermod -aG audio $USER, then log in again")
        default: break
        }
        let others = CaptureDevice.all()
        guard let first = others.first else {
            return Failure(
                .unavailable, "\(device)", "no such capture device, and none on this machine",
                "plug a microphone in, or listen to a file with --wav")
        }
        var list = first.address
        for other in others.dropFirst() { list += ", " + other.address }
        return Failure(.unavailable, "\(device)", "no such capture device", "use one of: \(list)")
    }
}
