import CLinux
import Synchronization

/// A file without a place in the file system, and its path, which other processes can open too.
public func memoryFile(_ name: String, _ bytes: [UInt8]) -> String {
    let fd = linux_memory_file(name)
    precondition(write(fd, bytes, bytes.count) == bytes.count)
    return "/proc/\(getpid())/fd/\(fd)"
}

/// A libasound configuration of microphones that play files: Tests/Fixtures/FileMicrophone. `devices` is text like
/// `pcm.mic { type filemic  file "…" }`. Returns the path for ALSA_CONFIG_PATH.
public func alsaConfiguration(_ devices: String) -> String {
    memoryFile("asound.conf", Array("pcm_type.filemic { lib \"\(besideTheTests("libpcm_filemic.so"))\" }\n\(devices)\n".utf8))
}

/// Microphones for this process, which has one ALSA_CONFIG_PATH for all of its suites: each adds devices of names of its own, and
/// those of the others stay.
public func plugInMicrophones(_ devices: String) {
    pluggedIn.withLock { known in
        if known.contains(devices) { return }
        known.append(devices)
        setenv("ALSA_CONFIG_PATH", alsaConfiguration(known.joined(separator: "\n")), 1)
    }
}

private let pluggedIn = Mutex<[String]>([])

/// Makes a microphone go wrong: its path is what `control` is to be.
public struct Fault: Sendable {
    public let path = memoryFile("control", [0])

    public init() {}

    /// One of the faults that FileMicrophone knows; nil: none.
    public func callAsFunction(_ fault: Character?) {
        let fd = linux_open(path, O_RDWR, 0)
        defer { close(fd) }
        var byte = fault?.asciiValue ?? 0
        precondition(pwrite(fd, &byte, 1, 0) == 1)
    }
}

private func besideTheTests(_ name: String) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    let whole = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return whole[..<whole.lastIndex(of: "/")!] + "/" + name
}
