/// Examples that are learnt from together.
public struct Batch {
    /// [n, time, frequency, channels]
    public var features: Tensor
    /// Class of each; below 0: only the teacher says.
    public var labels: [Int32]
    /// The teacher's logits [n, classes], and for which examples it spoke.
    public var teacher: Tensor?
    public var isTaught: [Bool]
    /// The teacher's features [n, width].
    public var teacherFeatures: Tensor?

    public init(
        features: Tensor, labels: [Int32], teacher: Tensor? = nil, isTaught: [Bool]? = nil, teacherFeatures: Tensor? = nil
    ) {
        self.features = features
        self.labels = labels
        self.teacher = teacher
        self.isTaught = isTaught ?? [Bool](repeating: teacher != nil, count: labels.count)
        self.teacherFeatures = teacherFeatures
    }
}
