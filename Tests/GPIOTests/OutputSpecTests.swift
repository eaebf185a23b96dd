import Support
import Testing

@testable import GPIO

private let ms: Int64 = 1_000_000

@Suite struct OutputSpecTests {
    @Test(arguments: [
        ("GPIO17", OutputSpec(address: .name("GPIO17"))),
        ("GPIO17:set", OutputSpec(address: .name("GPIO17"), action: .set)),
        ("GPIO17:clear", OutputSpec(address: .name("GPIO17"), action: .clear)),
        ("GPIO17:toggle", OutputSpec(address: .name("GPIO17"), action: .toggle)),
        ("GPIO17:pulse", OutputSpec(address: .name("GPIO17"), action: .pulse(500 * ms))),
        ("GPIO17:pulse=20ms", OutputSpec(address: .name("GPIO17"), action: .pulse(20 * ms))),
        ("GPIO17:pulse=1.25s", OutputSpec(address: .name("GPIO17"), action: .pulse(1250 * ms))),
        ("GPIO17:pulse=1h", OutputSpec(address: .name("GPIO17"), action: .pulse(3_600_000 * ms))),
        ("GPIO17:blink=200ms", OutputSpec(address: .name("GPIO17"), action: .blink(200 * ms, count: nil))),
        ("GPIO17:blink=0.5s*3", OutputSpec(address: .name("GPIO17"), action: .blink(500 * ms, count: 3))),
        ("GPIO17,active-low", OutputSpec(address: .name("GPIO17"), wiring: Wiring(activeLow: true))),
        ("okay_nabu=GPIO17:set,active-low", OutputSpec(word: "okay_nabu", address: .name("GPIO17"), action: .set, wiring: Wiring(activeLow: true))),
        ("GPIO17:breathe", OutputSpec(address: .name("GPIO17"), action: .breathe(4000 * ms))),
        ("GPIO17:breathe=2s", OutputSpec(address: .name("GPIO17"), action: .breathe(2000 * ms))),
        ("GPIO17,open-drain,pull-up", OutputSpec(address: .name("GPIO17"), wiring: Wiring(bias: .pullUp, drive: .openDrain))),
        ("GPIO17,open-source,no-pull", OutputSpec(address: .name("GPIO17"), wiring: Wiring(bias: .none, drive: .openSource))),
        ("@muted=GPIO17,pull-down", OutputSpec(word: "@muted", address: .name("GPIO17"), action: .set, wiring: Wiring(bias: .pullDown))),
        ("okay nabu=PIN 3", OutputSpec(word: "okay nabu", address: .name("PIN 3"))),
        ("gpiochip0:17", OutputSpec(address: .offset(chip: "gpiochip0", line: 17))),
        ("0:17:toggle", OutputSpec(address: .offset(chip: "0", line: 17), action: .toggle)),
        ("w=pinctrl-rp1:4:pulse=1s", OutputSpec(word: "w", address: .offset(chip: "pinctrl-rp1", line: 4), action: .pulse(1000 * ms))),
    ])
    func understood(_ text: String, _ spec: OutputSpec) throws {
        #expect(try OutputSpec(parsing: text) == spec)
    }

    @Test(arguments: [
        ("", "no line"),
        (":set", "no line"),
        ("okay_nabu=", "no line"),
        ("=GPIO17", "no word before ="),
        ("GPIO17:", "no action after :"),
        ("GPIO17:pluse=1s", "unknown action pluse; use one of: set, clear, toggle, pulse, blink"),
        ("GPIO17:set=1", "set takes no value"),
        ("GPIO17:pulse=", "no time"),
        ("GPIO17:pulse=500", "500 is no time from 1ms to 1h"),
        ("GPIO17:pulse=0ms", "0ms is no time"),
        ("GPIO17:pulse=2h", "2h is no time"),
        ("GPIO17:pulse=-1s", "-1s is no time"),
        ("GPIO17:pulse=1..5s", "1..5s is no time"),
        ("GPIO17:pulse=99999999999s", "is no time"),
        ("GPIO17:blink", "how fast?"),
        ("GPIO17:blink=200ms*0", "0 is no number of times"),
        ("GPIO17:blink=200ms*x", "x is no number of times"),
        ("GPIO17:blink=200ms*", "is no number of times"),
        ("GPIO17:breathe=100ms", "100ms is no time"),
        ("GPIO17:set:clear", "one action a line, and there is clear too"),
        ("GPIO17,activelow", "unknown option activelow; use one of: active-low, pull-up"),
    ])
    func refusedInOneLine(_ text: String, _ why: String) {
        do throws(Failure) {
            let spec = try OutputSpec(parsing: text)
            Issue.record("taken: \(spec)")
        } catch {
            #expect(error.status == .usage)
            #expect(error.line.hasPrefix("katydid: --gpio \(text): "))
            #expect(error.line.contains(why), "\(error.line)")
        }
    }

    /// Nothing that a keyboard can make crashes the parser.
    @Test func anything() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("GPIO17:=,*.ms s0pulseblinkµ".unicodeScalars)
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...20, using: &random) { text.unicodeScalars.append(alphabet.randomElement(using: &random)!) }
            _ = try? OutputSpec(parsing: text)
        }
    }
}
