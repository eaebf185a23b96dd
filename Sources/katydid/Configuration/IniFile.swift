import CINI
import CLinux
import Support

/// An INI file as inih reads it: its lines in order, for whoever knows what they mean.
struct IniFile {
    struct Entry {
        let section: String, key: String, value: String
    }

    let path: String
    private(set) var entries: [Entry] = []

    /// Throws `Failure` for a file that cannot be read, and names the first line that is no INI.
    init(_ path: String) throws(Failure) {
        self.path = path
        // inih would only say that it could not open it.
        guard access(path, R_OK) == 0 else { throw .system("\(path)", "check the path") }
        let line = withUnsafeMutablePointer(to: &entries) { entries in
            ini_parse(
                path,
                { user, section, name, value in
                    guard let user, let section, let name, let value else { return 0 }
                    user.assumingMemoryBound(to: [Entry].self).pointee.append(
                        Entry(section: String(cString: section), key: String(cString: name), value: String(cString: value)))
                    return 1
                }, entries)
        }
        guard line >= 0 else { throw Failure(.configuration, "\(path)", "cannot be read", "check that it is a text file") }
        guard line == 0 else {
            throw Failure(
                .configuration, "\(path):\(Int(line))", "neither [SECTION] nor KEY = VALUE, or longer than 198 bytes", "correct this line")
        }
    }

    /// The line of an entry. inih only tells it of one that its reader refuses: so this one is refused.
    func line(of index: Int) -> Int {
        var left = Int32(index)
        return Int(
            ini_parse(
                path,
                { user, _, _, _ in
                    guard let left = user?.assumingMemoryBound(to: Int32.self) else { return 0 }
                    left.pointee -= 1
                    return left.pointee == -1 ? 0 : 1
                }, &left))
    }
}
