import AudioCapture
import CLinux
import Support

/// A kind of board that we know, from one of the files of Boards/: what its CPU, its lines and the sound cards
/// that people put on it are called.
struct Board {
    struct Hat {
        /// ALSA's id of the card.
        let card: String
        var name = ""
        var note = ""
    }

    private(set) var name = ""
    private(set) var cpu = ""
    private(set) var chip = ""
    private(set) var lines = ""
    private(set) var hats: [Hat] = []
    private var compatible: [String] = []

    /// Throws `Failure` for a file that says something else.
    init(path: String) throws(Failure) {
        for entry in try IniFile(path).entries {
            let section = Array(entry.section.utf8)[...], key = Array(entry.key.utf8)[...]
            if equal(section.prefix(4), "hat ") {
                let card = string(section.dropFirst(4))
                if hats.last?.card.isSame(as: card) != true { hats.append(Hat(card: card)) }
                if equal(key, "name") { hats[hats.count - 1].name = entry.value }
                if equal(key, "note") { hats[hats.count - 1].note = entry.value }
            } else if equal(key, "name") {
                name = entry.value
            } else if equal(key, "compatible") {
                compatible = CommandAction.words(of: entry.value)
            } else if equal(key, "cpu") {
                cpu = entry.value
            } else if equal(key, "chip") {
                chip = entry.value
            } else if equal(key, "lines") {
                lines = entry.value
            } else {
                throw Failure(.configuration, "\(path): \(entry.key)", "[\(entry.section)] has no such key", "correct this line")
            }
        }
    }

    /// The board that this is, by the first name in its device tree that one of the files claims; nil: none that we know.
    static func recognised() -> Board? {
        let folder = getenv("KATYDID_BOARDS").map { String(cString: $0) } ?? "/usr/share/katydid/boards"
        var boards: [Board] = []
        guard let list = opendir(folder) else { return nil }
        defer { closedir(list) }
        while let entry = readdir(list) {
            let file = withUnsafeBytes(of: &entry.pointee.d_name) { String(cString: $0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
            guard file.utf8.count > 4, equal(Array(file.utf8).suffix(4), ".ini"), let board = try? Board(path: folder + "/" + file) else { continue }
            boards.append(board)
        }
        for name in names() {
            for board in boards where board.compatible.contains(where: { $0.isSame(as: name) }) { return board }
        }
        return nil
    }

    /// What the device tree says that this is compatible with, most like it first; `-` where there is no device tree.
    private static func names() -> [String] {
        let path = getenv("KATYDID_COMPATIBLE").map { String(cString: $0) } ?? "/sys/firmware/devicetree/base/compatible"
        let fd = linux_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard fd >= 0 else { return ["-"] }
        defer { close(fd) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = max(read(fd, &bytes, bytes.count), 0)
        return split(bytes[..<count], at: 0).map { string($0) }
    }

    func hat(of device: CaptureDevice) -> Hat? { hats.first { $0.card.isSame(as: device.cardID) } }

    /// The microphone of a known sound card on this board's header, if there is one.
    static func microphone() -> String? {
        guard let board = recognised(), !board.hats.isEmpty else { return nil }
        return CaptureDevice.all().first { board.hat(of: $0) != nil }?.address
    }
}
