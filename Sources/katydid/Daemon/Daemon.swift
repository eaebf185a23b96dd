import AudioCapture
import AudioFrontend
import CLinux
import GPIO
import KeywordSpotting
import Sockets
import Support
import Telemetry
import Wyoming

#if MQTT
import MQTT
#endif

/// `listen` with a microphone: one loop that waits for sound, edges, time and signals at once. It ends when it
/// is told to; whatever else happens is told once and recovered from.
final class Daemon {
    private var configuration: Configuration
    private let session: Session
    private var microphone: Microphone
    private var button: Button?
    private var set = PollSet()
    private let signals: StopSignals
    private var manager = ServiceManager()
    private let services = Services()
    #if MQTT
    private let broker = Broker()
    #endif
    /// When the loop last woke: by then the sound had come. ns of CLOCK_MONOTONIC.
    private var woken: Int64 = 0
    /// Reads the configuration again; nil: there is none to read, and SIGHUP ends the program.
    private let reload: (() throws(Failure) -> Configuration)?
    private let frames: UnsafeMutableBufferPointer<Int16>
    /// Reads of the microphone in a row.
    private static let chunksATurn = 16

    private var isMuted = false
    /// Since when there is no sound, ns of CLOCK_MONOTONIC; nil while there is.
    private var lostSince: Int64?
    /// Whether that was told.
    private var isLossTold = false
    private var lastOverrun: Int64 = 0
    /// Losses of the microphone since a time: what comes and goes too often is not told each time.
    private var losses = 0, lossesSince: Int64 = 0, isLossQuiet = false
    private var isStopped = false
    /// Whether the device has the channel that we are to hear: another one may have come in its place.
    private var isFit = true

    init(
        _ configuration: Configuration, signals: consuming StopSignals, reload: (() throws(Failure) -> Configuration)?
    ) throws(Failure) {
        let session = try configuration.makeSession(clock: .monotonic)
        var microphone = Microphone(configuration.capture)
        let button = try configuration.makeButton()
        try services.change(to: configuration, session.listener)
        session.services = services
        #if MQTT
        try broker.change(to: configuration, session.listener)
        session.report.broker = broker.client
        #endif
        session.report.events = services.events
        session.report.begin(session.listener)
        do throws(Failure) {
            try microphone.open()
        } catch {
            // One that can be plugged in later, if one wants to wait for it.
            guard configuration.waits, error.status == .unavailable || error.status == .io else { throw error }
            session.report.note(Message("\(error.line); waits for it").string)
            isLossTold = true
        }
        configuration.realtime.apply { session.report.note($0.line) }
        self.configuration = configuration
        self.session = session
        self.microphone = microphone
        self.button = button
        self.signals = signals
        self.reload = reload
        frames = .allocate(capacity: Session.chunk * 64)
    }

    deinit { frames.deallocate() }

    /// Until SIGINT or SIGTERM, or until nobody reads standard output.
    func run() throws(Failure) {
        if microphone.isOpen {
            try session.begin(microphone.settings.device, rate: microphone.rate, channels: microphone.channels)
        } else {
            lostSince = linux_now_ns()
        }
        showState()
        manager.ready(status)
        linux_forget_start()
        while !isStopped && Line.outputError == 0 {
            wait()
            heedSignals()
            if button?.wasPressed(in: set, at: linux_now_ns()) == true {
                mute(!isMuted, isMuted ? "katydid: listens again, by the button" : "katydid: muted by the button")
            }
            hear()
            serve()
            session.tick()
        }
        manager.stopping()
        session.end(isStopped: true)
    }

    private var status: StaticString { lostSince != nil ? "waits for the microphone" : isMuted ? "muted" : "listens" }

    private func wait() {
        set.begin()
        set.add(signals.fd)
        microphone.wait(in: &set)
        button?.wait(in: &set)
        services.wait(in: &set)
        #if MQTT
        broker.wait(in: &set)
        #endif
        set.add(deadline: session.deadline)
        // With a microphone it is its sound that wakes us.
        if microphone.isMissing { set.add(deadline: manager.deadline) }
        set.wait()
        woken = linux_now_ns()
        microphone.woken(by: set)
    }

    private func hear() {
        // Then sockets and signals have their turn: some devices always have more.
        for _ in 0..<Self.chunksATurn {
            switch microphone.read(into: UnsafeMutableBufferPointer(rebasing: frames[..<(Session.chunk * max(microphone.channels, 1))])) {
            case .nothing:
                if microphone.isMissing { missMicrophone() }
                return
            case .sound(let count):
                if lostSince != nil && isFit { findMicrophone() }
                manager.feed(at: linux_now_ns())
                if !isMuted && isFit {
                    session.take(UnsafeBufferPointer(rebasing: frames[..<(count * microphone.channels)]))
                    services.telemetry.hop(linux_now_ns() - woken, of: Int64(count) * 1_000_000_000 / Int64(microphone.rate))
                }
                // Less than there was room for is all there is.
                if count < Session.chunk { return }
            case .lost(let loss):
                lose(loss)
                return
            case .opened: goOn()
            }
        }
    }

    private func serve() {
        let telemetry = services.telemetry, counts = microphone.counts
        telemetry.overruns = counts.overruns
        telemetry.stalls = counts.stalls
        telemetry.errors = counts.errors
        telemetry.opens = counts.opens
        telemetry.isOpen = microphone.isOpen
        telemetry.isMuted = isMuted
        telemetry.rms = session.levels.rms
        telemetry.peak = session.levels.peak
        services.service(in: set, at: woken) { session.report.dropped($0, $1) }
        #if MQTT
        let order = broker.service(in: set, at: woken) { session.report.note($0, $1 ? .notice : .warning) }
        if let order, order != isMuted { mute(order, order ? "katydid: muted by MQTT" : "katydid: listens again, by MQTT") }
        #endif
    }

    private func lose(_ loss: Microphone.Loss) {
        session.interrupt()
        let now = linux_now_ns()
        if loss == .overrun {
            // A machine that is too slow says so six times a minute, not fifty times a second.
            guard now - lastOverrun > 10_000_000_000 || microphone.counts.overruns == 1 else { return }
            lastOverrun = now
        } else {
            // Opened again in vain: it is still the same loss.
            guard !isLossTold else { return }
            lostSince = lostSince ?? now
            showState()
            // A loose plug comes and goes as often as it likes: it is told three times in ten seconds.
            if now - lossesSince > 10_000_000_000 { (lossesSince, losses) = (now, 0) }
            losses += 1
            isLossQuiet = losses > 3
            guard !isLossQuiet else { return }
            isLossTold = true
        }
        session.report.lost(loss, of: microphone.settings.device, count: microphone.counts.overruns)
    }

    private func goOn() {
        do throws(Failure) {
            // The first time is the beginning of the sound.
            if !session.hasBegun {
                try session.begin(microphone.settings.device, rate: microphone.rate, channels: microphone.channels)
            } else {
                try session.agree(microphone.settings.device, rate: microphone.rate, channels: microphone.channels)
            }
            isFit = true
        } catch {
            isFit = false
            session.report.note(error.line, .error)
        }
    }

    private func missMicrophone() {
        manager.feed(at: linux_now_ns())
        guard !isLossTold, let failure = microphone.failure else { return }
        session.report.note(Message("\(failure.line); waits for it").string)
        isLossTold = true
        isLossQuiet = false
    }

    /// There is sound again. That it could be opened says nothing yet.
    private func findMicrophone() {
        if !isLossQuiet {
            session.report.back(
                microphone.settings.device, after: linux_now_ns() - (lostSince ?? linux_now_ns()), rate: microphone.rate,
                channels: microphone.channels)
        }
        lostSince = nil
        isLossTold = false
        isLossQuiet = false
        showState()
    }

    private func mute(_ isMuted: Bool, _ line: String) {
        self.isMuted = isMuted
        session.interrupt()
        session.report.note(line, .notice)
        showState()
    }

    private func showState() {
        let isDeaf = lostSince != nil
        session.outputs.show(.error, isDeaf, at: session.now)
        session.outputs.show(.muted, isMuted, at: session.now)
        session.outputs.show(.listening, !isDeaf && !isMuted, at: session.now)
        #if MQTT
        broker.show(isMuted: isMuted, isDeaf: isDeaf)
        #endif
        manager.status(status)
    }

    private func heedSignals() {
        while let signal = signals.next() {
            guard signal == .reload, let reload else {
                isStopped = true
                return
            }
            manager.reloading()
            defer { manager.ready(status) }
            do throws(Failure) {
                try change(to: try reload())
                services.telemetry.reloads += 1
                session.report.note("katydid: configuration read again", .notice)
            } catch {
                session.report.note(Message("\(error.line); goes on as before").string, .error)
            }
        }
    }

    /// Everything anew, but the microphone only where it is another: its buffer holds what is said meanwhile.
    /// Throws `Failure`, and changes nothing, where the new configuration does not work.
    private func change(to new: Configuration) throws(Failure) {
        let listener = try new.makeListener()
        let commands = try new.makeCommands(listener)
        let recorder = try new.makeRecorder()
        try new.checkOutputs(listener)
        try session.check(new.mix)
        // Lines are held by one at a time, also by us.
        letGo()
        do throws(Failure) {
            session.outputs = try new.makeOutputs(listener)
            button = try new.makeButton()
            #if MQTT
            try broker.change(to: new, listener)
            #endif
            try services.change(to: new, listener)
        } catch {
            letGo()
            #if MQTT
            try? broker.change(to: configuration, session.listener)
            session.report.broker = broker.client
            #endif
            session.outputs = try configuration.makeOutputs(session.listener)
            button = try configuration.makeButton()
            showState()
            throw error
        }
        session.report.events = services.events
        #if MQTT
        session.report.broker = broker.client
        #endif
        session.change(to: listener, commands: commands, recorder: recorder, mix: new.mix)
        if !new.capture.isSame(as: configuration.capture) {
            microphone = Microphone(new.capture)
            lostSince = linux_now_ns()
            isLossTold = false
            session.interrupt()
        }
        configuration = new
        session.report.begin(session.listener)
        showState()
    }

    private func letGo() {
        session.outputs.makeSafe(at: session.now)
        session.outputs = Outputs.none
        button = nil
    }
}
