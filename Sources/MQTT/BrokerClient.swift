import Support

/// Tells an MQTT broker what is heard, and what state we are in; takes orders to mute. With the configured TOPIC before each:
///
/// - `/status`: online, and by the broker's own hand offline when we are gone; retained;
/// - `/heard`: each detection, the text that JSON's readers get; never later than it was heard;
/// - `/state`: listening, muted or error; `/mute`: ON or OFF; retained;
/// - `/mute/set`: ON or OFF, from others.
public final class BrokerClient {
    public let settings: BrokerSettings
    private let connection: BrokerConnection
    private let assistant: HomeAssistant?
    private var words: [String] = []
    private var state: StaticString = "listening"
    private var isMuted = false
    /// Whether it was told that there is no connection.
    private var isLossTold = false
    private var topic = Line()
    private var payload = Line()

    /// Throws `Failure` for a password or certificates that cannot be read. Whether there is a broker shows later.
    public init(_ settings: BrokerSettings, version: StaticString) throws(Failure) {
        self.settings = settings
        connection = try BrokerConnection(settings, willTopic: settings.topic + "/status", will: "offline")
        assistant = settings.discovers ? HomeAssistant(settings, version: version) : nil
    }

    /// A farewell is no reason for the broker to tell our will: we do.
    deinit { publish("/status", "offline") }

    /// These are the words now. Those that were and are no more are taken back.
    public func listen(for words: [String]) {
        for word in self.words where !words.contains(where: { $0.isSame(as: word) }) { describe("device_automation", word) }
        self.words = words
        discover()
    }

    public func show(_ state: StaticString, isMuted: Bool) {
        self.state = state
        self.isMuted = isMuted
        publish("/state", state)
        publish("/mute", isMuted ? "ON" : "OFF")
    }

    /// `event` is the JSON of a detection.
    public func heard(_ event: borrowing Line) {
        topic.append(settings.topic)
        topic.append("/heard")
        connection.publish(&topic, event.bytes, isRetained: false)
    }

    public func wait(in set: inout PollSet) { connection.wait(in: &set) }

    /// `told` gets a line for people where there is something to tell: once when the connection is lost, once when it is there.
    public func service(in set: borrowing PollSet, at now: Int64, told: (_ line: String, _ isGood: Bool) -> Void) {
        switch connection.service(in: set, at: now) {
        case .connected:
            isLossTold = false
            connection.subscribe(settings.topic + "/mute/set")
            discover()
            show(state, isMuted: isMuted)
            publish("/status", "online")
            told("katydid: MQTT \(settings.host): connected", true)
        case .lost(let why):
            guard !isLossTold else { return }
            isLossTold = true
            told(Failure(.unavailable, "MQTT \(settings.host)", "\(why)", "goes on listening, and tries again").line, false)
        case nil: break
        }
    }

    /// Whether somebody wants us to be mute or not; nil: nobody since the last call.
    public func takeOrder() -> Bool? { connection.takeOrder() }

    private func discover() {
        guard let assistant, connection.isConnected else { return }
        for word in words {
            assistant.append(trigger: word, to: &payload)
            describe("device_automation", word)
        }
        assistant.appendSensor(to: &payload)
        describe("sensor", "state")
        assistant.appendSwitch(to: &payload)
        describe("switch", "mute")
    }

    /// Publishes what stands in `payload`, and clears it; nothing there: takes back what was said.
    private func describe(_ component: StaticString, _ object: String) {
        guard let assistant else { return }
        assistant.append(topicOf: component, object, to: &topic)
        connection.publish(&topic, payload.bytes, isRetained: true)
        payload.clear()
    }

    private func publish(_ end: StaticString, _ text: StaticString) {
        topic.append(settings.topic)
        topic.append(end)
        connection.publish(&topic, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), isRetained: true)
    }
}
