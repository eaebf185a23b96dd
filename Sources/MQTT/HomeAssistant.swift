import Support

/// What Home Assistant is told of us, retained, so that we are there without anybody's configuring it: one device, with a trigger
/// for each word, a sensor for what it does, and a switch that mutes it.
///
/// The fields are those of https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery and, for words, which have no state,
/// https://www.home-assistant.io/integrations/device_trigger.mqtt/.
struct HomeAssistant {
    private let discovery: String
    private let topic: String
    private let version: StaticString
    /// What it knows us by.
    private let node: String

    init(_ settings: BrokerSettings, version: StaticString) {
        discovery = settings.discoveryTopic
        topic = settings.topic
        self.version = version
        node = HomeAssistant.identifier(settings.topic)
    }

    /// `text` with an underscore for each byte that no identifier may have.
    private static func identifier(_ text: String) -> String {
        string(text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"): byte
            default: UInt8(ascii: "_")
            }
        }[...])
    }

    /// Where `object` of the kind `component` is described.
    func append(topicOf component: StaticString, _ object: String, to line: inout Line) {
        line.append(discovery)
        line.append("/")
        line.append(component)
        line.append("/")
        line.append(node)
        line.append("/")
        line.append(HomeAssistant.identifier(object))
        line.append("/config")
    }

    func append(trigger word: String, to line: inout Line) {
        line.append("{\"automation_type\":\"trigger\",\"type\":\"heard\",\"subtype\":")
        line.append(json: word)
        append("topic", "/heard", to: &line)
        line.append(",\"value_template\":\"{{ value_json.word }}\",\"payload\":")
        line.append(json: word)
        appendDevice(to: &line)
    }

    func appendSensor(to line: inout Line) {
        line.append("{\"name\":\"State\",\"device_class\":\"enum\",\"options\":[\"listening\",\"muted\",\"error\"]")
        append("state_topic", "/state", to: &line)
        appendEntity("_state", to: &line)
    }

    func appendSwitch(to line: inout Line) {
        line.append("{\"name\":\"Mute\",\"icon\":\"mdi:microphone-off\"")
        append("state_topic", "/mute", to: &line)
        append("command_topic", "/mute/set", to: &line)
        appendEntity("_mute", to: &line)
    }

    private func append(_ key: StaticString, _ end: StaticString, to line: inout Line) {
        line.append(",\"")
        line.append(key)
        line.append("\":")
        line.append(json: topic + end.description)
    }

    private func appendEntity(_ object: StaticString, to line: inout Line) {
        append("availability_topic", "/status", to: &line)
        line.append(",\"unique_id\":\"")
        line.append(node)
        line.append(object)
        line.append("\"")
        appendDevice(to: &line)
    }

    private func appendDevice(to line: inout Line) {
        line.append(",\"device\":{\"identifiers\":[\"")
        line.append(node)
        line.append("\"],\"name\":")
        line.append(json: topic)
        line.append(",\"manufacturer\":\"Katydid\",\"sw_version\":\"")
        line.append(version)
        line.append("\"}}")
    }
}
