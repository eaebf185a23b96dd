import GPIO
import KeywordSpotting
import Support

private let help: StaticString = """
    usage: katydid check-config [FILE]

    Reads a configuration (/etc/katydid/katydid.conf), loads its models, and says the first line that is
    wrong and why. Microphones and GPIO lines are not touched: the daemon may be holding them.

    sections and keys ([model NAME], [output NAME] and [command NAME] may be repeated):
      [audio]         device, period, buffer, channel, wait, record, record-files, record-seconds
      [model NAME]    file, cutoff, refractory
      [gpio]          WORD = LINE[:ACTION][,OPTION]... as behind --gpio
      [output NAME]   on, line, action, active-low, bias, drive
      [command NAME]  on, run, timeout
      [button]        line, active-low, bias, debounce
      [wyoming]       listen, clients
      [metrics]       listen
      [events]        socket
      [mqtt]          host, port, username, password-file, client, topic, discovery,
                      discovery-topic, tls, ca-file
      [realtime]      priority, lock-memory, cpu
      [log]           format

    Every key is explained in /usr/share/doc/katydid/examples/katydid.conf. Exit code 78: it is wrong.

    """

let defaultConfiguration: StaticString = "/etc/katydid/katydid.conf"

func checkConfig() throws(Failure) {
    let options = try Options("check-config", help: help, [])
    try options.refuseOperands(after: 1)
    let path = options.operands.first ?? defaultConfiguration.description
    var configuration = try Configuration(path: path)
    do throws(Failure) {
        if configuration.models.isEmpty { configuration.models = [try .installed()] }
        let listener = try configuration.makeListener()
        // Resolves words; takes no line.
        _ = try configuration.makeCommands(listener)
        try configuration.checkOutputs(listener)
    } catch { throw Failure(.configuration, "\(path): \(error.what)", "\(error.why)", "\(error.remedy)") }
    var line = Line()
    line.append(path)
    line.append(": ok: ")
    line.append(configuration.models.count)
    line.append(configuration.models.count == 1 ? " model, " : " models, ")
    line.append(configuration.outputs.count)
    line.append(configuration.outputs.count == 1 ? " output" : " outputs")
    line.flush()
}
