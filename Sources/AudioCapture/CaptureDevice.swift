import CALSA
import Support

/// One device that can capture, as ALSA lists it.
public struct CaptureDevice: Sendable {
    /// Stays the same when cards are renumbered, such as `Device`.
    public let cardID: String
    /// What people call it, such as `USB PnP Sound Device`.
    public let cardName: String
    public let device: Int
    public let name: String
    /// Whether a program could open it now.
    public let isFree: Bool

    /// What `AlsaSource` opens: the plug converts formats, by name as numbers change.
    public var address: String { Message("plughw:CARD=\(cardID),DEV=\(device)").string }

    /// All that there are now; a card that cannot be asked is left out.
    public static func all() -> [CaptureDevice] {
        alsa_silence()
        var found: [CaptureDevice] = []
        var card: Int32 = -1
        while snd_card_next(&card) >= 0, card >= 0 { list(card: card, into: &found) }
        return found
    }

    private static func list(card: Int32, into found: inout [CaptureDevice]) {
        var control: OpaquePointer?
        var about: OpaquePointer?
        var info: OpaquePointer?
        guard snd_ctl_open(&control, "hw:\(card)", 0) >= 0 else { return }
        defer { snd_ctl_close(control) }
        guard snd_ctl_card_info_malloc(&about) >= 0 else { return }
        defer { snd_ctl_card_info_free(about) }
        guard snd_pcm_info_malloc(&info) >= 0 else { return }
        defer { snd_pcm_info_free(info) }
        guard snd_ctl_card_info(control, about) >= 0 else { return }

        var device: Int32 = -1
        while snd_ctl_pcm_next_device(control, &device) >= 0, device >= 0 {
            snd_pcm_info_set_device(info, UInt32(device))
            snd_pcm_info_set_subdevice(info, 0)
            snd_pcm_info_set_stream(info, SND_PCM_STREAM_CAPTURE)
            guard snd_ctl_pcm_info(control, info) >= 0 else { continue }
            found.append(
                CaptureDevice(
                    cardID: String(cString: snd_ctl_card_info_get_id(about)),
                    cardName: String(cString: snd_ctl_card_info_get_name(about)),
                    device: Int(device), name: String(cString: snd_pcm_info_get_name(info)),
                    isFree: snd_pcm_info_get_subdevices_avail(info) > 0))
        }
    }
}
