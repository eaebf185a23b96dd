import CLinux
import CMosquitto
import Support

/// A connection to an MQTT broker that is made again, ever less often, when it is lost. Driven by the one loop, as a `Server` is:
///
///     connection.wait(in: &set)                          // before the loop sleeps
///     set.wait()
///     let change = connection.service(in: set, at: now)  // after it
///
/// Nothing here waits: names are looked up by a child, and sockets don't block. One exception: to check a certificate
/// libmosquitto has to know the name, so with TLS it looks it up once more, right after the child was answered.
///
/// libmosquitto allocates what it sends and receives; that no memory is asked for once listening has begun does not hold with it.
final class BrokerConnection {
    enum Change {
        case connected
        /// Or could not be made; why.
        case lost(String)
    }

    private enum State { case resting, lookingUp, connecting, connected }

    /// What libmosquitto's callbacks leave for the loop.
    private struct Mailbox {
        /// What the broker answered when we came: 0 is yes.
        var answer: Int32?
        /// The last order that somebody published: ON or OFF.
        var order: Bool?
    }

    private let settings: BrokerSettings
    private let client: OpaquePointer
    private let mailbox: UnsafeMutablePointer<Mailbox>
    private var state = State.resting
    /// When to try again, to give up, or to let libmosquitto look at its clock; ns of CLOCK_MONOTONIC.
    private var deadline: Int64 = 0
    private var slot = -1
    private var lookUp: (child: pid_t, answer: Int32) = (0, -1)
    /// Counts attempts, so that each of a name's addresses has its turn.
    private var turn: UInt32 = 0
    private var pause = BrokerConnection.shortestPause
    private var since: Int64 = 0

    // ns
    private static let shortestPause: Int64 = 1_000_000_000
    private static let longestPause: Int64 = 30_000_000_000
    private static let patience: Int64 = 10_000_000_000
    private static let tick: Int64 = 1_000_000_000
    /// s without a word from the broker, after which it is asked for one; after as long again it counts as lost.
    private static let keepAlive: Int32 = 15

    /// `will` is what the broker publishes at `willTopic`, retained, when we are gone without a farewell.
    /// Throws `Failure` for a password or certificates that cannot be read.
    init(_ settings: BrokerSettings, willTopic: String, will: String) throws(Failure) {
        self.settings = settings
        mailbox = .allocate(capacity: 1)
        mailbox.initialize(to: Mailbox())
        mosquitto_lib_init()
        guard let client = mosquitto_new(settings.client, true, mailbox) else {
            throw .system("[mqtt] client = \(settings.client)", "choose another name")
        }
        self.client = client
        mosquitto_will_set(client, willTopic, Int32(will.utf8.count), will, 1, true)
        mosquitto_connect_callback_set(client) { _, user, answer in
            user?.assumingMemoryBound(to: Mailbox.self).pointee.answer = answer
        }
        mosquitto_message_callback_set(client) { _, user, message in
            // One that was retained was meant for another time.
            guard let user, let message = message?.pointee, !message.retain, let payload = message.payload else { return }
            let bytes = UnsafeRawBufferPointer(start: payload, count: Int(message.payloadlen))
            let isOn = bytes.elementsEqual([79, 78])
            guard isOn || bytes.elementsEqual([79, 70, 70]) else { return }
            user.assumingMemoryBound(to: Mailbox.self).pointee.order = isOn
        }
        if !settings.username.isEmpty {
            if settings.passwordFile.isEmpty {
                mosquitto_username_pw_set(client, settings.username, nil)
            } else {
                mosquitto_username_pw_set(client, settings.username, try BrokerConnection.firstLine(of: settings.passwordFile))
            }
        }
        if settings.usesTLS {
            let code = mosquitto_tls_set(client, settings.authorities, nil, nil, nil, nil)
            guard code == 0 else {
                throw Failure(.configuration, "[mqtt] ca-file = \(settings.authorities)", "\(BrokerConnection.text(of: code))", "check the path")
            }
        }
    }

    deinit {
        if state == .connected { mosquitto_disconnect(client) }
        mosquitto_destroy(client)
        mosquitto_lib_cleanup()
        mailbox.deallocate()
        if lookUp.child > 0 {
            kill(lookUp.child, SIGKILL)
            endLookUp()
        }
    }

    private static func firstLine(of path: String) throws(Failure) -> String {
        let file = try MappedFile(path)
        let bytes = UnsafeRawBufferPointer(start: file.base, count: file.count)
        return string(Array(bytes.prefix { $0 != 10 && $0 != 13 })[...])
    }

    private static func text(of code: Int32) -> String {
        code == MOSQ_ERR_ERRNO.rawValue ? String(cString: strerror(linux_errno())) : String(cString: mosquitto_strerror(code))
    }

    var isConnected: Bool { state == .connected }

    /// What somebody has ordered since the last call.
    func takeOrder() -> Bool? {
        defer { mailbox.pointee.order = nil }
        return mailbox.pointee.order
    }

    func subscribe(_ topic: String) { mosquitto_subscribe(client, nil, topic, 0) }

    /// Sends `payload`, at most once; while there is no connection, never: a word that was said long ago must not switch anything on.
    /// Ends `topic`, and begins it anew.
    func publish(_ topic: inout Line, _ payload: UnsafeBufferPointer<UInt8>, isRetained: Bool) {
        topic.append(byte: 0)
        if state == .connected {
            topic.bytes.withMemoryRebound(to: CChar.self) { topic in
                _ = mosquitto_publish(client, nil, topic.baseAddress, Int32(payload.count), payload.baseAddress, 0, isRetained)
            }
        }
        topic.clear()
    }

    func wait(in set: inout PollSet) {
        switch state {
        case .resting: set.add(deadline: deadline)
        case .lookingUp: slot = set.add(lookUp.answer)
        case .connecting, .connected:
            slot = set.add(mosquitto_socket(client), for: mosquitto_want_write(client) ? POLLIN | POLLOUT : POLLIN)
            set.add(deadline: deadline)
        }
    }

    func service(in set: borrowing PollSet, at now: Int64) -> Change? {
        let events = set.events(slot)
        slot = -1
        switch state {
        case .resting: return now < deadline ? nil : begin(now)
        case .lookingUp: return events == 0 ? nil : takeAddress(now)
        case .connecting, .connected: return converse(events, now)
        }
    }

    private func begin(_ now: Int64) -> Change? {
        guard !linux_is_host_address(settings.host) else { return connect(to: settings.host, now) }
        lookUp.child = linux_look_up(settings.host, turn, &lookUp.answer)
        turn &+= 1
        guard lookUp.child > 0 else {
            lookUp.child = 0
            return lose(String(cString: strerror(linux_errno())), now)
        }
        state = .lookingUp
        return nil
    }

    private func takeAddress(_ now: Int64) -> Change? {
        var text = [CChar](repeating: 0, count: 64)
        let count = read(lookUp.answer, &text, 63)
        endLookUp()
        guard count > 0 else { return lose("no address is known by this name", now) }
        return connect(to: settings.usesTLS ? settings.host : text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }, now)
    }

    /// The child has said what it had to say, and ends, or it was killed.
    private func endLookUp() {
        waitpid(lookUp.child, nil, 0)
        close(lookUp.answer)
        lookUp = (0, -1)
    }

    private func connect(to address: String, _ now: Int64) -> Change? {
        let code = mosquitto_connect_async(client, address, Int32(settings.port ?? (settings.usesTLS ? 8883 : 1883)), BrokerConnection.keepAlive)
        guard code <= 0 else { return lose(BrokerConnection.text(of: code), now) }
        mqtt_close_on_exec(mosquitto_socket(client))
        mailbox.pointee = Mailbox()
        state = .connecting
        deadline = now + BrokerConnection.patience
        return nil
    }

    private func converse(_ events: Int32, _ now: Int64) -> Change? {
        var code: Int32 = 0
        if events & ~POLLOUT != 0 { code = mosquitto_loop_read(client, 1) }
        if code == 0 && events & POLLOUT != 0 { code = mosquitto_loop_write(client, 1) }
        if code == 0 && now >= deadline {
            guard state == .connected else { return lose("no answer", now) }
            code = mosquitto_loop_misc(client)
            deadline = now + BrokerConnection.tick
        }
        let answer = mailbox.pointee.answer
        mailbox.pointee.answer = nil
        if let answer, answer != 0 { return lose(String(cString: mosquitto_connack_string(answer)), now) }
        guard code == 0, mosquitto_socket(client) >= 0 else { return lose(BrokerConnection.text(of: code), now) }
        guard answer != nil else { return nil }
        state = .connected
        since = now
        deadline = now + BrokerConnection.tick
        return .connected
    }

    private func lose(_ why: String, _ now: Int64) -> Change {
        // One that comes and goes is tried ever less often, too.
        if state == .connected && now - since > BrokerConnection.longestPause { pause = BrokerConnection.shortestPause }
        state = .resting
        deadline = now + pause
        pause = min(2 * pause, BrokerConnection.longestPause)
        return .lost(why)
    }
}
