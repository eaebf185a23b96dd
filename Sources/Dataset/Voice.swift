import CLinux
import Support

/// A voice of one of Debian's speech synthesisers.
public struct Voice: Sendable, Hashable {
    public enum Engine: String, Sendable, CaseIterable {
        case espeak, flite, festival

        /// The program, and Debian's package of it.
        public var program: String {
            switch self {
            case .espeak: "espeak-ng"
            case .flite: "flite"
            case .festival: "text2wave"
            }
        }
        public var package: String {
            switch self {
            case .espeak: "espeak-ng"
            case .flite: "flite"
            case .festival: "festival festvox-kallpc16k"
            }
        }

        /// Found along PATH.
        public var isInstalled: Bool {
            let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
            return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
        }
    }

    public let engine: Engine
    public let name: String

    /// As file names have it: `espeak-en-us+f3`.
    public var speaker: String { "\(engine.rawValue)-\(name)" }

    /// All voices of an engine; espeak-ng's are its accents by its variants.
    public static func all(_ engine: Engine, accents: [String] = englishAccents) -> [Voice] {
        let names: [String]
        switch engine {
        case .espeak: names = accents.flatMap { accent in variants.map { "\(accent)+\($0)" } }
        case .flite: names = ["kal16", "awb", "rms", "slt"]
        case .festival:
            let folder = "/usr/share/festival/voices"
            names = ((try? Corpus.entries(folder)) ?? []).flatMap { (try? Corpus.entries("\(folder)/\($0)")) ?? [] }
        }
        return names.map { Voice(engine: engine, name: $0) }
    }

    public static let englishAccents = [
        "en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc",
    ]
    /// Of espeak-ng 1.50 and later, without whispers, robots and demons.
    static let variants = [
        "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "klatt", "klatt2", "klatt3", "klatt4", "croak",
        "adam", "Alicia", "Andrea", "Andy", "Annie", "aunty", "belinda", "benjamin", "boris", "caleb", "david", "ed", "edward", "Gene",
        "grandma", "grandpa", "Henrique", "Hugo", "Jacky", "john", "Lee", "linda", "Marco", "Mario", "max", "Michael", "Mike", "norbert",
        "pablo", "paul", "quincy", "rob", "robert", "sandro", "shelby", "steph", "travis", "victor", "zac",
    ]

    /// The program and its arguments that say `text` into the WAV file `path`. `rate`: 1 is usual, 1.2 a fifth faster; `pitch` −1…1.
    func command(_ text: String, to path: String, rate: Double, pitch: Double) -> [String] {
        switch engine {
        case .espeak:
            [engine.program, "-v", name, "-s", "\(Int(165 * rate))", "-p", "\(Int(50 + 35 * pitch))", "-w", path, text]
        case .flite:
            [engine.program, "-voice", name, "--setf", "duration_stretch=\(1 / rate)", "--setf", "int_f0_target_mean=\(Int(130 + 45 * pitch))",
             "-o", path, "-t", text]
        case .festival:
            [engine.program, "-o", path, "-eval", "(voice_\(name))", "-eval", "(Parameter.set 'Duration_Stretch \(1 / rate))", "\(path).txt"]
        }
    }
}
