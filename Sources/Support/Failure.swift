import CLinux

/// Everything that can go wrong and that a user can do something about: printed as one line,
/// `katydid: what: why; what to do`, and turned into an exit code.
public struct Failure: Error {
    /// The exit codes of sysexits(3) that we use.
    public enum Status: Int32, Sendable {
        case usage = 64, data = 65, noInput = 66, unavailable = 69, software = 70
        case system = 71, cannotCreate = 73, io = 74, permission = 77, configuration = 78
    }

    /// One reference: what every `try` passes on fits a register, and so the program is a tenth smaller.
    private let parts: Parts

    private final class Parts: Sendable {
        let status: Status
        let what: String, why: String, remedy: String

        init(_ status: Status, _ what: String, _ why: String, _ remedy: String) {
            self.status = status
            self.what = what
            self.why = why
            self.remedy = remedy
        }
    }

    public var status: Status { parts.status }
    /// The thing concerned: a path, a device, an option, an operator.
    public var what: String { parts.what }
    public var why: String { parts.why }
    /// What the user can do about it.
    public var remedy: String { parts.remedy }

    @inline(never)
    public init(_ status: Status, _ what: Message, _ why: Message, _ remedy: Message) {
        parts = Parts(status, what.string, why.string, remedy.string)
    }

    /// One line whatever the file was called: control characters of names become question marks.
    public var line: String {
        var clean: [UInt8] = []
        for byte in Message("katydid: \(what): \(why); \(remedy)").string.utf8 { clean.append(byte < 32 || byte == 127 ? UInt8(ascii: "?") : byte) }
        return String(decoding: clean, as: UTF8.self)
    }

    /// The same failure, said of `what`: how a caller that knows the path names it.
    public func of(_ what: Message) -> Failure { Failure(status, "\(what): \(self.what)", "\(why)", "\(remedy)") }

    /// A failed system call on `what`, with errno's text.
    public static func system(_ what: Message, _ remedy: Message, errno code: Int32 = linux_errno()) -> Failure {
        let status: Status =
            switch code {
            case ENOENT, ENOTDIR, EISDIR: .noInput
            case EACCES, EPERM: .permission
            case EIO: .io
            default: .system
            }
        return Failure(status, what, "\(String(cString: strerror(code)))", remedy)
    }
}
