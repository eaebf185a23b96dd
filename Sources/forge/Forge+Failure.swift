import ArgumentParser
import CLinux
import Support

extension ParsableCommand {
    /// Runs what a verb does; a `Failure` becomes one line, `katydid-forge: what: why; what to do`, and its exit code of sysexits(3).
    func attempt(_ body: () throws(Failure) -> Void) throws {
        do throws(Failure) { try body() } catch {
            say(error)
            throw ExitCode(error.status.rawValue)
        }
    }
}

/// A failure in our name.
func say(_ failure: Failure) { say("\(failure.what): \(failure.why); \(failure.remedy)") }

/// A remark for people, on standard error: one line whatever is in it.
func say(_ text: String) {
    // What was said on standard output came first.
    fflush(nil)
    var line = Line()
    line.append("katydid-forge: ")
    for byte in text.utf8 { line.append(byte: byte < 32 || byte == 127 ? UInt8(ascii: "?") : byte) }
    line.flush(to: 2)
}
