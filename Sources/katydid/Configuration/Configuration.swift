import AudioCapture
import AudioFrontend
import GPIO
import Support

#if MQTT
import MQTT
#endif

/// All that `listen` can be told, from a file (`ConfigurationFile`) or by flags, which override it.
struct Configuration {
    struct Model {
        /// What outputs call the word; nil: as the manifest names it.
        var name: String?
        /// The manifest's path.
        var file = ""
        /// nil: as the manifest or `defaults` say.
        var cutoff: Double?
        var refractory: Int?  // ms
    }

    /// A push button, and for how long its contact may bounce, ns.
    struct MuteButton {
        var spec: OutputSpec
        var debounce: Int64
    }

    var capture = CaptureSettings()
    /// Whether to wait for a microphone that is not there at the start.
    var waits = false
    var mix = ChannelMix.mean
    /// Nothing is recorded while no folder is named.
    var recording = Recorder.Settings(folder: "")
    var models: [Model] = []
    var outputs: [OutputSpec] = []
    var commands: [CommandAction] = []
    var button: MuteButton?
    /// Addresses of sockets; empty: none.
    var wyoming = "", metrics = "", events = ""
    /// Wyoming clients that send sound of their own at the same time.
    var wyomingClients = 2
    #if MQTT
    var broker = BrokerSettings()
    #endif
    var realtime = Realtime()
    var isJSON = false
    /// Whether edges are printed; where there is no GPIO chip, they only are.
    var isTraced = false
}
