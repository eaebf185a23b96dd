import CLinux
import Support

/// Where the broker is and what its topics are called: the section [mqtt] of the configuration.
public struct BrokerSettings {
    /// A name or an address; empty: no broker.
    public var host = ""
    /// nil: 1883, or 8883 with TLS.
    public var port: Int?
    /// Empty: anonymous.
    public var username = ""
    /// A file whose first line is the password; empty: none.
    public var passwordFile = ""
    /// Who we are to the broker, which knows each name once.
    public var client: String
    /// What our topics begin with.
    public var topic: String
    /// Whether Home Assistant is told what there is, and what its topics begin with.
    public var discovers = true
    public var discoveryTopic = "homeassistant"
    public var usesTLS = false
    /// The certificates, in PEM, that the broker's must be signed by.
    public var authorities = "/etc/ssl/certs/ca-certificates.crt"

    public init() {
        let name = UnsafeMutablePointer<CChar>.allocate(capacity: 65)
        defer { name.deallocate() }
        name.initialize(repeating: 0, count: 65)
        let host = gethostname(name, 64) == 0 ? String(cString: name) : "localhost"
        topic = "katydid/" + host
        client = "katydid-" + host
    }

    /// Whether `text` may begin a topic: no wildcard, no empty level, and short enough for a `Line` with several of them.
    public static func isTopic(_ text: String) -> Bool {
        var previous = UInt8(ascii: "/")
        for byte in text.utf8 {
            let isLevelEmpty = byte == UInt8(ascii: "/") && previous == byte
            guard byte > 32, byte != 127, byte != UInt8(ascii: "+"), byte != UInt8(ascii: "#"), !isLevelEmpty else { return false }
            previous = byte
        }
        return previous != UInt8(ascii: "/") && text.utf8.count <= 64
    }

    public func isSame(as other: BrokerSettings) -> Bool {
        port == other.port && discovers == other.discovers && usesTLS == other.usesTLS
            && texts.elementsEqual(other.texts) { $0.isSame(as: $1) }
    }

    private var texts: [String] { [host, username, passwordFile, client, topic, discoveryTopic, authorities] }
}
