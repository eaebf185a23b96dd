/// When smoothed scores mean that a word was said.
public struct Decision: Sendable {
    /// Of each word: the output that scores it, and what its mean must exceed.
    private let outputs: [Int], cutoffs: [Double]
    /// Frames.
    private let refractory: Int
    private var quiet = 0
    private var isArmed: [Bool]

    public init(outputs: [Int], cutoffs: [Double], refractory: Int) {
        self.outputs = outputs
        self.cutoffs = cutoffs
        self.refractory = refractory
        isArmed = Array(repeating: true, count: outputs.count)
    }

    /// The word that is heard, `frames` after the last call, by the outputs' means.
    public mutating func decide(after frames: Int, largest: Int, mean: (Int) -> Double) -> Int? {
        quiet = max(quiet - frames, 0)
        var heard: Int?
        for i in outputs.indices {
            if mean(outputs[i]) <= cutoffs[i] {
                if quiet == 0 { isArmed[i] = true }
            } else if isArmed[i] && quiet == 0 && outputs[i] == largest {
                heard = i
            }
        }
        if let heard {
            isArmed[heard] = false
            quiet = refractory
        }
        return heard
    }
}
