import CLinux
import Support

/// One thing that `katydid` does.
struct Verb {
    let name: StaticString
    let run: () throws(Failure) -> Void
}

func printFailure(_ failure: Failure) {
    var line = Line()
    line.append(failure.line)
    line.flush(to: 2)
}

func runVerb() -> Int32 {
    let verbs = [
        Verb(name: "listen", run: listen), Verb(name: "run", run: run), Verb(name: "bench", run: bench),
        Verb(name: "inspect", run: inspect), Verb(name: "check-config", run: checkConfig), Verb(name: "devices", run: devices), Verb(name: "selftest", run: selfTest),
        Verb(name: "version", run: version),
    ]
    guard linux_argc() > 1, let argument = linux_argv()[1] else {
        writeAll(usage, to: 2)
        return Failure.Status.usage.rawValue
    }
    if strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0 || strcmp(argument, "help") == 0 {
        writeAll(usage)
        return 0
    }
    if strcmp(argument, "--version") == 0 { return attempt(version) }
    for verb in verbs where strcmp(argument, UnsafeRawPointer(verb.name.utf8Start).assumingMemoryBound(to: CChar.self)) == 0 {
        return attempt(verb.run)
    }
    printFailure(Failure(.usage, "\(String(cString: argument))", "no such verb", "see katydid --help"))
    return Failure.Status.usage.rawValue
}

/// The exit code, once it is known whether all that was printed has arrived.
func outputStatus(_ status: Int32) -> Int32 {
    guard status == 0, Line.outputError != 0 else { return status }
    // A reader that went away, as head does, has seen what it wanted.
    guard Line.outputError != EPIPE else { return Failure.Status.io.rawValue }
    printFailure(
        Failure(.io, "standard output", "\(String(cString: strerror(Line.outputError)))", "what was printed is incomplete: check where it goes"))
    return Failure.Status.io.rawValue
}

func attempt(_ run: () throws(Failure) -> Void) -> Int32 {
    do throws(Failure) {
        try run()
        return 0
    } catch {
        printFailure(error)
        return error.status.rawValue
    }
}

linux_hold_standard_files()
exit(outputStatus(runVerb()))
