import CLinux
import Dataset
import Support

/// A folder that is gone with its owner.
public final class Scratch {
    public let path: String

    public init() {
        var template = Array("/tmp/katydid-dataset-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit {
        func remove(_ path: String) {
            if let directory = opendir(path) {
                while let entry = readdir(directory) {
                    let name = withUnsafePointer(to: &entry.pointee.d_name) { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) }
                    if name != "." && name != ".." { remove(path + "/" + name) }
                }
                closedir(directory)
                rmdir(path)
            } else {
                unlink(path)
            }
        }
        remove(path)
    }

    public func write(_ name: String, _ bytes: [UInt8]) throws {
        if let slash = name.lastIndex(of: "/") { try Synthesiser.makeFolder("\(path)/\(name[..<slash])") }
        try bytes.withUnsafeBytes { try writeFile("\(path)/\(name)", [$0]) }
    }

    public func write(_ name: String, _ sound: [Int16]) throws {
        if let slash = name.lastIndex(of: "/") { try Synthesiser.makeFolder("\(path)/\(name[..<slash])") }
        try Sound.write(sound, to: "\(path)/\(name)")
    }
}
