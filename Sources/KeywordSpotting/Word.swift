/// What can be heard, and from which score it counts as heard. It is all that those need to know who are told of it.
public struct Word: Sendable {
    /// What users call it on the command line: okay_nabu, stop.
    public var identifier: String
    /// What people say: Okay Nabu.
    public var phrase: String
    /// Its model's output that scores it.
    public var output: Int
    /// Heard when the mean of its last scores exceeds this, 0…1.
    public var cutoff: Double
}
