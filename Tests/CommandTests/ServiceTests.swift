import CLinux
import Connections
import Microphones
import Testing

/// `listen` as a service: what it tells by sockets, to whom, and what it takes from whoever connects. The word is heard always.
@Suite struct ServiceTests {
    private let folder = Folder()
    private let manifest: String
    private let fail: Fault
    private let alsa: String

    init() {
        manifest = folder.alwaysHeard()
        (fail, alsa) = faultyMicrophone()
    }

    private func configuration(_ rest: String) -> String {
        folder.write("katydid.conf", "[audio]\ndevice = mic\n[model wake]\nfile = \(manifest)\n\(rest)")
    }

    private func start(_ rest: String, with variables: [String] = []) -> Katydid {
        Katydid(["listen", "--config", configuration(rest)], with: [alsa] + variables)
    }

    private func stop(_ listen: Katydid) -> Outcome {
        kill(listen.pid, SIGTERM)
        return listen.wait()
    }

    /// An overrun: the word is heard anew behind it.
    private func hearAgain() { fail("o") }

    private func metric(_ name: String, _ port: UInt16) -> Double? {
        let client = Connection(port: port)
        client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = client.receive()
        return answer.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.utf8.count + 1)) }
    }

    @Test func eventsForWhoeverConnects() {
        let path = folder.path + "/events.sock"
        let listen = start("[events]\nsocket = \(path)\n")
        #expect(listen.says("score"))
        let clients = [Connection(path: path), Connection(path: path)]
        // Both are there before the word is heard again.
        clients[1].send("what they send is thrown away")
        usleep(200_000)
        hearAgain()
        for client in clients {
            let line = client.receive(until: "\n")
            #expect(line.hasPrefix(#"{"event":"detection","time":"#) && line.contains(#""word":"wake","score":"#), "\(line)")
        }
        let outcome = stop(listen)
        for client in clients { #expect(client.receive().hasPrefix(#"{"event":"end","seconds":"#)) }
        // Standard output is text all the same, and the socket is gone with the daemon.
        #expect(outcome.status == 0 && outcome.output.contains("s  wake  score") && !outcome.output.contains("{"))
        #expect(access(path, F_OK) != 0)
    }

    @Test func metricsForPrometheus() {
        let port = freePort()
        let listen = start("[metrics]\nlisten = 127.0.0.1:\(port)\n")
        #expect(listen.says("score"))
        hearAgain()
        #expect(listen.says("score", times: 2))
        #expect(metric(#"katydid_detections_total{word="wake"}"#, port) == 2)
        #expect(metric("katydid_overruns_total", port) == 1)
        #expect(metric("katydid_microphone_open", port) == 1)
        #expect((metric("katydid_hop_seconds_count", port) ?? 0) > 0)
        #expect((metric(#"katydid_score{word="wake"}"#, port) ?? 0) > 0.9)
        #expect(stop(listen).status == 0)
    }

    @Test func wyomingWithTheDaemonsMicrophone() {
        let path = folder.path + "/wyoming.sock"
        let listen = start("[wyoming]\nlisten = \(path)\n")
        #expect(listen.says("score"))
        let client = Connection(path: path)
        client.send(#"{"type": "describe", "version": "1.10.2"}"# + "\n")
        #expect(client.receive(until: "\n").hasPrefix(#"{"type":"info","data_length":"#))
        let info = client.receive(until: "}]}]}")
        #expect(info.contains(
            #"{"name":"wake","attribution":{"name":"Nobody","url":"https://example.org"},"installed":true,"description":"Wake","#
                + #""version":null,"phrase":"Wake","languages":["en","de"]}"#), "\(info)")
        client.send(#"{"type": "detect", "version": "1.10.2", "data_length": 19}"# + "\n" + #"{"names": ["wake"]}"#)
        // Whoever sends no sound for half a second wants ours.
        usleep(800_000)
        hearAgain()
        #expect(client.receive(until: "\n").hasPrefix(#"{"type":"detection","data":{"name":"wake","timestamp":"#))
        client.send(#"{"type":"ping","data":{"text":"\u00e9"}}"# + "\n")
        #expect(client.receive(until: "\n") == #"{"type":"pong","data":{"text":"\u00e9"}}"# + "\n")
        #expect(stop(listen).status == 0)
    }

    @Test func wyomingWithAClientsSound() {
        let path = folder.path + "/wyoming.sock"
        let listen = start("[wyoming]\nlisten = \(path)\nclients = 1\n")
        #expect(listen.says("score"))
        let client = Connection(path: path), other = Connection(path: path)
        let format = #""rate":48000,"width":2,"channels":2"#
        client.send(#"{"type":"audio-start","data":{\#(format),"timestamp":1000}}"# + "\n")
        // Two seconds, in pieces that no frame ends with.
        let noise = (0..<384_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 2_654_435_761 >> 13) }
        for start in stride(from: 0, to: noise.count, by: 38_400) {
            client.send(#"{"type":"audio-chunk","data":{\#(format)},"payload_length":38400}"# + "\n")
            client.send(Array(noise[start..<start + 7]))
            client.send(Array(noise[start + 7..<start + 38_400]))
        }
        let answer = client.receive(until: "\n")
        #expect(answer.hasPrefix(#"{"type":"detection","data":{"name":"wake","timestamp":1"#), "\(answer)")
        other.send(#"{"type":"audio-start","data":{\#(format)}}"# + "\n")
        #expect(other.receive().hasPrefix(#"{"type":"error","data":{"text":"has sound when others have too"#))
        client.send(#"{"type":"audio-stop"}"# + "\n")
        client.send(#"{"type":"detect","data":{"names":["another"]}}"# + "\n" + #"{"type":"audio-start","data":{\#(format)}}"# + "\n")
        client.send(#"{"type":"audio-stop"}"# + "\n")
        #expect(client.receive(until: "\n") == #"{"type":"not-detected"}"# + "\n")
        #expect(stop(listen).status == 0)
    }

    /// Each costs its sender the connection and us one line; listening goes on.
    @Test(arguments: [
        ("garbage", "GET / HTTP/1.1\r\n\r\n", "sent a line that is no JSON object"),
        ("twoGigabytes", #"{"type":"audio-chunk","payload_length":2147483648}"# + "\n", "sent an event that is too long"),
        ("noNewline", String(repeating: "x", count: 1 << 16), "sent too long a line"),
        ("badData", #"{"type":"detect","data_length":4}"# + "\nabcd", "sent data that are no JSON object"),
        ("badSound", #"{"type":"audio-start","data":{"rate":16000,"width":4,"channels":1}}"# + "\n", "has sound that is not of 16 bits"),
    ])
    func badClients(name: String, bytes: String, why: String) {
        let path = folder.path + "/wyoming.sock"
        let listen = start("[wyoming]\nlisten = \(path)\n")
        #expect(listen.says("score"))
        let client = Connection(path: path)
        client.send(bytes)
        #expect(client.getsClosed())
        #expect(listen.says("katydid: \(path): dropped a client that \(why)"))
        hearAgain()
        #expect(listen.says("score", times: 2))
        let outcome = stop(listen)
        #expect(outcome.status == 0)
        #expect(outcome.error.split(separator: "\n").count { $0.contains("dropped") } == 1, "\(outcome.error)")
    }

    @Test func clientsThatLeaveAmidAnEventOrNeverRead() {
        let path = folder.path + "/wyoming.sock"
        let listen = start("[wyoming]\nlisten = \(path)\n")
        #expect(listen.says("score"))
        let half = Connection(path: path)
        half.send(#"{"type":"des"#)
        half.finish()
        #expect(half.getsClosed())
        #expect(listen.says("dropped a client that left amid an event"))
        // It asks again and again, and never takes an answer.
        let deaf = Connection(path: path)
        var asked = 0
        while asked < 100_000, deaf.send(#"{"type":"describe"}"# + "\n") { asked += 1 }
        #expect(listen.says("dropped a client that does not read what it is sent"))
        hearAgain()
        #expect(listen.says("score", times: 2))
        #expect(stop(listen).status == 0)
    }

    @Test func socketsWhoseAddressStaysStayOpen() {
        let events = folder.path + "/events.sock", port = freePort(), other = freePort()
        let listen = start("[events]\nsocket = \(events)\n[metrics]\nlisten = 127.0.0.1:\(port)\n")
        #expect(listen.says("score"))
        let client = Connection(path: events)
        _ = configuration("[events]\nsocket = \(events)\n[metrics]\nlisten = 127.0.0.1:\(other)\n")
        kill(listen.pid, SIGHUP)
        #expect(listen.says("configuration read again"))
        #expect(metric("katydid_reloads_total", other) == 1)
        #expect(Connection(port: port).isClosed)
        hearAgain()
        #expect(client.receive(until: "\n").contains(#""word":"wake""#))
        // An address that is not to be had changes nothing.
        _ = configuration("[metrics]\nlisten = /nowhere/metrics.sock\n")
        kill(listen.pid, SIGHUP)
        #expect(listen.says("katydid: /nowhere/metrics.sock: No such file or directory; choose another address; goes on as before"))
        #expect(metric("katydid_reloads_total", other) == 1)
        #expect(stop(listen).status == 0)
    }

    @Test func anAddressThatIsTaken() {
        let path = folder.path + "/wyoming.sock"
        let listen = start("[wyoming]\nlisten = \(path)\n")
        #expect(listen.says("score"))
        let second = Katydid(["listen", "--device", "mic", "--model", manifest, "--wyoming", path], with: [alsa]).wait()
        #expect(second.status == 71 && second.error == "katydid: \(path): Address already in use; another program listens there; choose another\n")
        #expect(stop(listen).status == 0)
    }

    @Test func theServiceManagerIsTold() {
        let manager = NotifySocket(folder.path + "/notify")
        let listen = start("", with: ["NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=200000"])
        let ready = manager.wait(for: "READY=1\nSTATUS=listens")
        #expect(ready != nil)
        let fed = manager.wait(for: "WATCHDOG=1")
        #expect(fed != nil && fed! > ready!)
        kill(listen.pid, SIGHUP)
        let reloading = manager.wait(for: "RELOADING=1\nMONOTONIC_USEC=")
        #expect(reloading != nil)
        #expect(manager.wait(for: "READY=1\nSTATUS=listens", from: reloading ?? 0) != nil)
        // A microphone that is unplugged: a new process would not find one either.
        fail("u")
        let waiting = manager.wait(for: "STATUS=waits for the microphone")
        #expect(waiting != nil)
        #expect(manager.wait(for: "WATCHDOG=1", from: waiting ?? 0) != nil)
        fail(nil)
        #expect(manager.wait(for: "STATUS=listens", from: waiting ?? 0) != nil)
        #expect(stop(listen).status == 0)
        #expect(manager.wait(for: "STOPPING=1") == manager.messages.count - 1)
    }

    /// Open, but without sound however often it is opened again: it is fed no more, and systemd starts us anew.
    @Test func aMicrophoneThatStallsStarvesTheWatchdog() throws {
        let manager = NotifySocket(folder.path + "/notify")
        let listen = start("", with: ["NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=200000"])
        #expect(manager.wait(for: "WATCHDOG=1") != nil)
        fail("s")
        let deaf = try #require(manager.wait(for: "STATUS=waits for the microphone"))
        // Twice the time after which it is opened again.
        usleep(2_500_000)
        fail(nil)
        let back = try #require(manager.wait(for: "STATUS=listens", from: deaf))
        #expect(!manager.messages[deaf...back].contains { $0.contains("WATCHDOG") }, "\(manager.messages)")
        #expect(listen.complained.contains("no sound and no error; opens it again"))
        #expect(manager.wait(for: "WATCHDOG=1", from: back) != nil)
        #expect(stop(listen).status == 0)
    }

    @Test func prioritiesForTheJournal() {
        let listen = start("", with: ["JOURNAL_STREAM=8:1"])
        #expect(listen.says("score"))
        fail("i")
        #expect(listen.says("score", times: 2))
        _ = folder.write("katydid.conf", "[audio\n")
        kill(listen.pid, SIGHUP)
        #expect(listen.says("goes on as before"))
        let outcome = stop(listen)
        let lines = outcome.error.split(separator: "\n")
        func priority(of text: String) -> Substring? { lines.first { $0.contains(text) }?.prefix(3) }
        #expect(priority(of: "listening for Wake") == "<6>")
        #expect(priority(of: "opens it again") == "<4>")
        #expect(priority(of: "back after") == "<5>")
        #expect(priority(of: "goes on as before") == "<3>")
        #expect(!outcome.output.contains("<"))
        // Without a journal there are none.
        #expect(!stop(start("")).error.contains("<"))
    }
}
