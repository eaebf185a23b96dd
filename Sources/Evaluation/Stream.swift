import CLinux
import Dataset
import Support

/// Recordings that are heard one behind the other as one sound: short ones alone would be over before a model has heard enough.
public struct Stream: Sendable {
    public var files: [File]

    public struct File: Sendable, Equatable {
        public var path: String
        /// What it is counted with.
        public var group: String
    }

    /// Bytes of files that make a stream: minutes of sound, so that threads share the work evenly.
    private static let size = 2 << 20

    /// Files in order, joined to streams where one group's follow each other.
    public static func streams(of files: [File]) -> [Stream] {
        var streams: [Stream] = []
        var bytes = 0
        for file in files {
            var status = stat()
            let size = stat(file.path, &status) == 0 ? Int(status.st_size) : 0
            if let last = streams.last, last.files[0].group == file.group, bytes + size <= Self.size {
                streams[streams.count - 1].files.append(file)
                bytes += size
            } else {
                streams.append(Stream(files: [file]))
                bytes = size
            }
        }
        return streams
    }

    /// The sound files of `paths`, files and folders. A folder's folders are a group each.
    /// Throws `Failure` for a path that is not there, and for a folder without sound.
    public static func files(_ paths: [String]) throws(Failure) -> [File] {
        var files: [File] = []
        for path in paths {
            guard Corpus.isFolder(path) else {
                guard access(path, R_OK) == 0 else { throw Failure.system("\(path)", "check the path") }
                files.append(File(path: path, group: name(path)))
                continue
            }
            let sounds = try Corpus.sounds(in: path)
            guard !sounds.isEmpty else {
                throw Failure(.noInput, "\(path)", "no recordings there", "name a folder with WAV, FLAC or Ogg files")
            }
            for sound in sounds {
                let parts = sound.dropFirst(path.count).split(separator: "/")
                files.append(File(path: sound, group: parts.count > 1 ? String(parts[0]) : name(path)))
            }
        }
        return files
    }

    private static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "recordings") }
}
