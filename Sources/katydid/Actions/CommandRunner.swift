import CLinux
import Support

/// Runs the programs that words start: one at a time of each, and each only for so long.
/// Nothing allocates after `init`.
struct CommandRunner: ~Copyable {
    private struct Entry {
        /// Index of the word; nil: any.
        var word: Int?
        var timeout: Int64
        let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
        var pid: pid_t = 0
        /// When it is killed, ns of CLOCK_MONOTONIC.
        var deadline: Int64 = 0
    }

    enum Trouble {
        case running, slow
        /// errno.
        case failed(Int32)
        /// As wait(2) tells it.
        case ended(Int32)
    }

    private var entries: [Entry] = []
    /// For each word, the environment that its programs get: ours, and KATYDID_WORD.
    private var environments: [UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>] = []

    /// `words` are those that can be heard. Throws `Failure` for a word that nobody listens for.
    init(_ actions: [CommandAction], words: [String]) throws(Failure) {
        for action in actions {
            var word: Int?
            if let name = action.word { word = try words.index(ofWord: name, for: "[command] on = \(name)") }
            entries.append(Entry(word: word, timeout: action.timeout, arguments: CommandRunner.list(action.arguments)))
        }
        guard !entries.isEmpty else { return }
        for word in words {
            var texts = ["KATYDID_WORD=" + word]
            var next = linux_environment()
            while let text = next?.pointee {
                texts.append(String(cString: text))
                next = next.map { $0 + 1 }
            }
            environments.append(CommandRunner.list(texts))
        }
    }

    deinit {
        for entry in entries { CommandRunner.free(entry.arguments) }
        for environment in environments { CommandRunner.free(environment) }
    }

    private static func list(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (i, text) in texts.enumerated() { (list + i).initialize(to: strdup(text)) }
        (list + texts.count).initialize(to: nil)
        return list
    }

    private static func free(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        var next = list
        while let text = next.pointee {
            CLinux.free(text)
            next += 1
        }
        list.deallocate()
    }

    /// Starts what `word` is to start. `told` hears the program's name and what went wrong.
    mutating func heard(word: Int, at now: Int64, _ told: (UnsafePointer<CChar>, Trouble) -> Void) {
        reap(at: now, told)
        for i in entries.indices where entries[i].word == nil || entries[i].word == word {
            guard let name = entries[i].arguments[0] else { continue }
            guard entries[i].pid == 0 else {
                told(name, .running)
                continue
            }
            let pid = linux_spawn(entries[i].arguments, environments[word])
            if pid < 0 {
                told(name, .failed(linux_errno()))
            } else {
                entries[i].pid = pid
                entries[i].deadline = now + entries[i].timeout
            }
        }
    }

    /// Takes leave of programs that have ended, and ends those that take too long.
    mutating func reap(at now: Int64, _ told: (UnsafePointer<CChar>, Trouble) -> Void) {
        for i in entries.indices where entries[i].pid > 0 {
            guard let name = entries[i].arguments[0] else { continue }
            var status: Int32 = 0
            if waitpid(entries[i].pid, &status, WNOHANG) != 0 {
                entries[i].pid = 0
                if status != 0 { told(name, .ended(status)) }
            } else if now >= entries[i].deadline {
                kill(-entries[i].pid, SIGKILL)
                entries[i].deadline = .max
                told(name, .slow)
            }
        }
    }

    /// Ends what is running: nobody would wait for it any more.
    mutating func stop() {
        for i in entries.indices where entries[i].pid > 0 {
            kill(-entries[i].pid, SIGKILL)
            waitpid(entries[i].pid, nil, 0)
            entries[i].pid = 0
        }
    }

    /// When `reap` is next needed at the latest.
    var deadline: Int64? {
        var first: Int64?
        for entry in entries where entry.pid > 0 && entry.deadline != .max { first = min(first ?? entry.deadline, entry.deadline) }
        return first
    }
}
