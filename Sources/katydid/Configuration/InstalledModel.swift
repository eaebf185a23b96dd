import CLinux
import Support

extension Configuration.Model {
    /// What is listened with where nothing is named: the command model that was installed with this program, or that of the
    /// checkout in which it was built. KATYDID_MODELS names another folder. Throws `Failure` when there is none.
    static func installed() throws(Failure) -> Configuration.Model {
        if let folder = getenv("KATYDID_MODELS") {
            if let model = find(String(cString: folder)) { return model }
        } else {
            // From bin, out/cross and .build/TRIPLE/release.
            for place in ["../share/katydid/models", "../../Firmware/models", "../../../Firmware/models"] as [StaticString] {
                if let model = find(folderOfProgram + place.description) { return model }
            }
            if let model = find("/usr/share/katydid/models") { return model }
        }
        throw Failure(
            .usage, "commands.json", "is not installed, and no --model or [model NAME] is given", "name the .json of a model")
    }

    private static func find(_ folder: String) -> Configuration.Model? {
        guard let path = realpath(folder + "/commands.json", nil) else { return nil }
        defer { free(path) }
        return Configuration.Model(file: String(cString: path))
    }

    /// With a slash behind it.
    private static var folderOfProgram: String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = max(readlink("/proc/self/exe", &path, path.count), 0)
        return string(path[..<((path[..<count].lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)])
    }
}
