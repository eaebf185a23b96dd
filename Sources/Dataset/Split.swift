/// Who is trained on, and who is kept to judge by. A speaker is in one of them only.
public enum Split: String, Codable, Sendable, CaseIterable {
    case train, validation, test

    /// As manifests call it: `val`, `dev` and `training` are understood too. nil: no such split.
    public init?(name: String) {
        switch name.lowercased() {
        case "train", "training": self = .train
        case "val", "valid", "validation", "dev": self = .validation
        case "test", "testing": self = .test
        default: return nil
        }
    }

    /// The Speech Commands rule, `which_set` of its README and of TensorFlow's `input_data.py`: the lowest 27 bits of the
    /// speaker's SHA-1 as a percentage. Files that are added later move nobody.
    public static func of(speaker: String, validation: Double = 10, test: Double = 10) -> Split {
        let most: UInt32 = 1 << 27 - 1
        let hash = SHA1.digest(speaker.utf8)[4] & most
        let percentage = Double(hash) * (100 / Double(most))
        if percentage < validation { return .validation }
        return percentage < validation + test ? .test : .train
    }
}
