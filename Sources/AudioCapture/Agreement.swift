import CALSA
import CLinux
import Support

/// What a capture device and we agreed on.
struct Agreement {
    var rate = 0
    var channels = 0
    var encoding = SampleEncoding.signed16
    var periodFrames = 0
    var bufferFrames = 0
    /// Samples are read from the device's own memory instead of being copied by a system call.
    var isMapped = false
}

/// In the order in which we want them: the networks' own rate, then those that divide well.
private let preferredRates: [UInt32] = [16_000, 32_000, 48_000, 44_100]

/// What needs no work first.
private let preferredEncodings: [SampleEncoding] = [.signed16, .signed32, .padded24, .signed24, .float32]

extension SampleEncoding {
    var alsa: snd_pcm_format_t {
        switch self {
        case .unsigned8: SND_PCM_FORMAT_U8
        case .signed16: SND_PCM_FORMAT_S16_LE
        case .signed24: SND_PCM_FORMAT_S24_3LE
        case .padded24: SND_PCM_FORMAT_S24_LE
        case .signed32: SND_PCM_FORMAT_S32_LE
        case .float32: SND_PCM_FORMAT_FLOAT_LE
        }
    }
}

/// Settles format, rate, channels, period and buffer with an open device, and prepares it.
func negotiate(_ pcm: OpaquePointer, _ settings: CaptureSettings) throws(Failure) -> Agreement {
    let device = settings.device
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
    var agreed = Agreement()
    agreed.isMapped = snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_MMAP_INTERLEAVED) >= 0
    if !agreed.isMapped { try need(snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED), "interleaved access") }
    agreed.encoding = preferredEncodings.first { snd_pcm_hw_params_test_format(pcm, hardware, $0.alsa) == 0 } ?? .signed16
    try need(snd_pcm_hw_params_set_format(pcm, hardware, agreed.encoding.alsa), "samples of 16, 24 or 32 bits")

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
        throw Failure(.unavailable, "\(device)", "offers \(Int(rate)) Hz with \(Int(channels)) channels", "take another: katydid devices")
    }

    var period = snd_pcm_uframes_t(Int(rate) * settings.period / 1000)
    var buffer = snd_pcm_uframes_t(Int(rate) * settings.buffer / 1000)
    try need(snd_pcm_hw_params_set_period_size_near(pcm, hardware, &period, nil), "usable period")
    try need(snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &buffer), "usable buffer")
    try need(snd_pcm_hw_params(pcm, hardware), "such combination of settings")

    try need(snd_pcm_sw_params_current(pcm, software), "software settings")
    try need(snd_pcm_sw_params_set_avail_min(pcm, software, period), "wake-up setting")
    try need(snd_pcm_sw_params_set_start_threshold(pcm, software, 1), "start setting")
    try need(snd_pcm_sw_params(pcm, software), "software settings")
    agreed.rate = Int(rate)
    agreed.channels = Int(channels)
    agreed.periodFrames = Int(period)
    agreed.bufferFrames = Int(buffer)
    return agreed
}
