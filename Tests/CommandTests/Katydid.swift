import CLinux

/// What one call of the program did.
struct Outcome {
    var status: Int32
    /// The signal that killed it, 0 for none.
    var signal: Int32
    var output: String
    var error: String
}

/// Folders beside this file and of the package.
let packageFolder: String = {
    var path = #filePath
    for _ in 0..<3 { path = String(path[..<path.lastIndex(of: "/")!]) }
    return path
}()
let seeds = packageFolder + "/Tests/Fuzz/corpus/"

/// The `katydid` that was built together with these tests.
struct Katydid {
    static let path: String = {
        var bytes = [CChar](repeating: 0, count: 4096)
        // The runner of `swift test` is the test bundle itself, or a helper with the bundle among its arguments.
        var candidates = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        if readlink("/proc/self/exe", &bytes, bytes.count - 1) > 0 {
            bytes.withUnsafeBufferPointer { candidates.append(String(cString: $0.baseAddress!)) }
        }
        for candidate in candidates {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let path = String(candidate[..<slash]) + "/katydid"
            if access(path, X_OK) == 0 { return path }
        }
        return "katydid is not beside the tests"
    }()

    /// A running program: its standard input, and files that take what it says.
    let pid: pid_t
    let input: Int32
    private let output: Int32
    private let error: Int32

    /// `closed`: descriptors that it starts without. `with`: NAME=VALUE in its environment beside ours.
    init(_ arguments: [String], closed: [Int32] = [], with variables: [String] = []) {
        var pipe: (Int32, Int32) = (0, 0)
        withUnsafeMutableBytes(of: &pipe) { _ = linux_pipe($0.baseAddress!.assumingMemoryBound(to: Int32.self)) }
        output = linux_memory_file("output")
        error = linux_memory_file("error")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, pipe.0, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        for fd in closed { posix_spawn_file_actions_addclose(&actions, fd) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        var argv: [UnsafeMutablePointer<CChar>?] = ([Self.path] + arguments).map { strdup($0) }
        argv.append(nil)
        defer { for argument in argv { free(argument) } }
        var pid: pid_t = 0
        // The first of two variables of one name is the one that counts.
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) }
        defer { for variable in environment[..<variables.count] { free(variable) } }
        var next = linux_environment()
        while let variable = next?.pointee {
            environment.append(variable)
            next = next.map { $0 + 1 }
        }
        environment.append(nil)
        let failed = posix_spawn(&pid, Self.path, &actions, nil, argv, environment)
        self.pid = failed == 0 ? pid : -1
        input = pipe.1
        close(pipe.0)
    }

    /// What it has said until now, on standard output and on standard error.
    var said: String { Self.text(output) }
    var complained: String { Self.text(error) }

    /// Waits until it has said `text` on either, `times` times; false if it doesn't in 20 s.
    func says(_ text: String, times: Int = 1) -> Bool {
        for _ in 0..<2000 {
            if (said + complained).components(text) >= times { return true }
            usleep(10_000)
        }
        return false
    }

    /// Closes its input and waits for its end.
    func wait() -> Outcome {
        close(input)
        var status: Int32 = 0
        while pid > 0 && waitpid(pid, &status, 0) < 0 && linux_errno() == EINTR {}
        defer {
            close(output)
            close(error)
        }
        return Outcome(
            status: pid > 0 ? status >> 8 & 255 : -1, signal: status & 127, output: Self.text(output), error: Self.text(error))
    }

    private static func text(_ fd: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = pread(fd, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
    }

    static func run(_ arguments: String..., closed: [Int32] = []) -> Outcome { Katydid(arguments, closed: closed).wait() }
}

/// A folder for one test's files, gone with it.
final class Folder {
    let path: String

    init() {
        var template = Array("/tmp/katydid-test-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let file = path + "/" + name
        let fd = linux_open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        precondition(fd >= 0 && CLinux.write(fd, bytes, bytes.count) == bytes.count)
        close(fd)
        return file
    }

    func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(cString: $0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
                if name != "." && name != ".." { unlink(path + "/" + name) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}

func contents(_ path: String) -> [UInt8] {
    let fd = linux_open(path, O_RDONLY, 0)
    defer { close(fd) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = read(fd, &bytes, bytes.count)
    precondition(count >= 0, "cannot read \(path)")
    return Array(bytes[..<count])
}

extension String {
    /// How often `text` stands in it.
    fileprivate func components(_ text: String) -> Int {
        let all = Array(utf8), part = Array(text.utf8)
        guard all.count >= part.count else { return 0 }
        return (0...(all.count - part.count)).count { Array(all[$0..<($0 + part.count)]) == part }
    }
}
