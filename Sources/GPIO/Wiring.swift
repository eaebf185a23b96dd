import CGPIOD
import Support

/// How a line is wired.
public struct Wiring: Equatable, Sendable {
    public enum Bias: Sendable { case asIs, none, pullUp, pullDown }
    public enum Drive: Sendable { case pushPull, openDrain, openSource }

    /// Active is 0 V.
    public var activeLow = false
    public var bias = Bias.asIs
    /// Of outputs only.
    public var drive = Drive.pushPull

    public init(activeLow: Bool = false, bias: Bias = .asIs, drive: Drive = .pushPull) {
        self.activeLow = activeLow
        self.bias = bias
        self.drive = drive
    }

    /// What may stand behind a comma in a line's description; nil where `option` is none of these.
    init?(_ wiring: Wiring, adding option: Bytes) {
        self = wiring
        if equal(option, "active-low") {
            activeLow = true
        } else if equal(option, "pull-up") {
            bias = .pullUp
        } else if equal(option, "pull-down") {
            bias = .pullDown
        } else if equal(option, "no-pull") {
            bias = .none
        } else if equal(option, "open-drain") {
            drive = .openDrain
        } else if equal(option, "open-source") {
            drive = .openSource
        } else {
            return nil
        }
    }

    static var options: StaticString { "active-low, pull-up, pull-down, no-pull, open-drain, open-source" }

    var request: gpio_wiring {
        gpio_wiring(
            active_low: activeLow,
            bias: bias == .pullUp ? GPIO_BIAS_UP : bias == .pullDown ? GPIO_BIAS_DOWN : bias == .none ? GPIO_BIAS_NONE : GPIO_BIAS_AS_IS,
            drive: drive == .openDrain ? GPIO_DRIVE_OPEN_DRAIN : drive == .openSource ? GPIO_DRIVE_OPEN_SOURCE : GPIO_DRIVE_PUSH_PULL)
    }
}
