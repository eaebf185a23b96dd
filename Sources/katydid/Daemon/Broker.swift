#if MQTT
import KeywordSpotting
import MQTT
import Support

/// The MQTT broker that is told what happens, if there is one.
final class Broker {
    private(set) var client: BrokerClient?

    /// Throws `Failure` for settings with which nobody can connect; then all is as before. A connection whose settings stay the
    /// same stays.
    func change(to configuration: Configuration, _ listener: Listener) throws(Failure) {
        let settings = configuration.broker
        if settings.host.isEmpty {
            client = nil
        } else if client?.settings.isSame(as: settings) != true {
            client = try BrokerClient(settings, version: katydidVersion)
        }
        client?.listen(for: listener.words.map { $0.identifier })
    }

    func wait(in set: inout PollSet) { client?.wait(in: &set) }

    /// Returns whether somebody wants us mute or not; nil: nobody.
    func service(in set: borrowing PollSet, at now: Int64, told: (_ line: String, _ isGood: Bool) -> Void) -> Bool? {
        client?.service(in: set, at: now, told: told)
        return client?.takeOrder()
    }

    func show(isMuted: Bool, isDeaf: Bool) { client?.show(isDeaf ? "error" : isMuted ? "muted" : "listening", isMuted: isMuted) }
}
#endif
