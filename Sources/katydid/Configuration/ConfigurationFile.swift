import AudioCapture
import CINI
import CLinux
import GPIO
import Support

/// Reads `katydid.conf`: an INI file, parsed by inih, whose keys `Section` knows.
///
///     [model okay_nabu]
///     file = /usr/share/katydid/models/okay_nabu.json
///     [output lamp]
///     line = GPIO17
///     on = okay_nabu
struct ConfigurationFile {
    private var configuration = Configuration()
    private let path: String
    private var section: Section?
    private var failure: Failure?

    private init(_ path: String) { self.path = path }

    /// Throws `Failure` that says the line and what is wrong with it.
    static func read(_ path: String) throws(Failure) -> Configuration {
        var reader = ConfigurationFile(path)
        // inih would only say that it could not open it.
        guard access(path, R_OK) == 0 else { throw .system("\(path)", "check the path") }
        let line = withUnsafeMutablePointer(to: &reader) { reader in
            ini_parse(
                path,
                { user, section, name, value in
                    guard let user, let section, let name, let value else { return 0 }
                    return user.assumingMemoryBound(to: ConfigurationFile.self).pointee.take(
                        String(cString: section), String(cString: name), String(cString: value)) ? 1 : 0
                }, reader)
        }
        if line > 0 {
            guard let failure = reader.failure else {
                throw Failure(
                    .configuration, "\(path):\(Int(line))", "neither [SECTION] nor KEY = VALUE, or longer than 198 bytes",
                    "correct this line")
            }
            throw Failure(.configuration, "\(path):\(Int(line)): \(failure.what)", "\(failure.why)", "\(failure.remedy)")
        }
        guard line == 0 else { throw Failure(.configuration, "\(path)", "cannot be read", "check that it is a text file") }
        do throws(Failure) {
            try reader.section?.finish(&reader.configuration)
        } catch { throw Failure(.configuration, "\(path): \(error.what)", "\(error.why)", "\(error.remedy)") }
        return reader.configuration
    }

    /// One line of the file; false ends in an error that names it.
    private mutating func take(_ name: String, _ key: String, _ value: String) -> Bool {
        // The first failure is the one that a person can do something about.
        guard failure == nil else { return false }
        do throws(Failure) {
            if section == nil || section?.name.isSame(as: name) == false {
                try section?.finish(&configuration)
                section = try Section(name)
            }
            try section?.set(key, value, &configuration)
            return true
        } catch {
            failure = error
            return false
        }
    }
}
