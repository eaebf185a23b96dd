import CLinux
import KeywordSpotting
import Sockets
import Support
import Telemetry
import Wyoming

/// Those who are told by socket what is heard: clients of the Wyoming protocol, readers of JSON lines, and Prometheus.
final class Services {
    let telemetry = Telemetry()
    private(set) var events: Broadcast?
    private var wyoming: WakeServer?
    private var metrics: MetricsServer?
    private var servers: [Server] = []

    /// Throws `Failure` for an address that cannot be had; then all is as before. Sockets whose address stays the same stay
    /// open, and their clients stay connected.
    func change(to configuration: Configuration, _ words: Listener) throws(Failure) {
        // Loading models is what may fail of the rest.
        var listeners: [Listener] = []
        let count = configuration.wyoming.isEmpty ? 0 : configuration.wyomingClients
        for _ in 0..<count { listeners.append(try configuration.makeListener()) }
        var wyoming = self.wyoming, metrics = self.metrics, events = self.events
        if !configuration.events.isSame(as: events?.address ?? "") {
            events = configuration.events.isEmpty ? nil : try Broadcast(configuration.events)
        }
        if !configuration.metrics.isSame(as: metrics?.address ?? "") {
            metrics = configuration.metrics.isEmpty ? nil : try MetricsServer(configuration.metrics, telemetry)
        }
        if !configuration.wyoming.isSame(as: wyoming?.address ?? "") {
            wyoming = configuration.wyoming.isEmpty ? nil : try WakeServer(configuration.wyoming, listeners: listeners, version: katydidVersion)
        } else {
            wyoming?.change(listeners: listeners, version: katydidVersion)
        }
        self.wyoming = wyoming
        self.metrics = metrics
        self.events = events
        servers = []
        if let events { servers.append(events) }
        if let metrics { servers.append(metrics) }
        if let wyoming { servers.append(wyoming) }
        telemetry.listen(for: words.words.map { $0.identifier }, modelBytes: words.modelBytes)
    }

    func wait(in set: inout PollSet) { for server in servers { server.wait(in: &set) } }

    func service(in set: borrowing PollSet, at now: Int64, dropped: (_ address: String, _ why: StaticString) -> Void) {
        for server in servers {
            server.service(in: set, at: now)
            guard let why = server.takeComplaint() else { continue }
            telemetry.drops += 1
            dropped(server.address, why)
        }
    }

    func heard(word: Int, score: Double, time: Int64) {
        telemetry.heard(word: word, score: score)
        wyoming?.heard(word: word, at: linux_now_ns(), time: time)
    }
}
