#if MQTT
import CLinux
import MQTT
import Support

/// The keys of [mqtt].
extension BrokerSettings {
    /// False for a key that is none of them. Throws `Failure` for a value that is wrong.
    mutating func set(_ value: Value) throws(Failure) -> Bool {
        let name = Array(value.key.utf8)[...]
        func `is`(_ known: StaticString) -> Bool { equal(name, known) }
        if `is`("host") {
            host = try value.words()
        } else if `is`("port") {
            port = try value.integer(in: 1...65535)
        } else if `is`("username") {
            username = try value.words()
        } else if `is`("password-file") {
            // Whoever checks a configuration may not be allowed to read it: the daemon says so if it is not.
            passwordFile = try value.words()
        } else if `is`("client") {
            client = try value.words()
        } else if `is`("topic") {
            topic = try value.topic()
        } else if `is`("discovery") {
            discovers = try value.bool()
        } else if `is`("discovery-topic") {
            discoveryTopic = try value.topic()
        } else if `is`("tls") {
            usesTLS = try value.bool()
        } else if `is`("ca-file") {
            guard access(value.text, R_OK) == 0 else { throw value.bad("\(String(cString: strerror(linux_errno())))") }
            authorities = value.text
        } else {
            return false
        }
        return true
    }
}

extension Value {
    /// Anything but nothing.
    fileprivate func words() throws(Failure) -> String {
        guard !text.isEmpty else { throw bad("is empty") }
        return text
    }

    fileprivate func topic() throws(Failure) -> String {
        guard BrokerSettings.isTopic(text) else { throw bad("no topic of at most 64 bytes without +, #, spaces and empty levels") }
        return text
    }
}
#endif
