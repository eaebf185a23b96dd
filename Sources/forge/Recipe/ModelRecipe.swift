import Dataset
import Training

/// Everything that a model is made from, but the recordings: a JSON file. What it leaves out is as here.
struct ModelRecipe: Codable {
    /// What the model's files are called.
    var name = "commands"
    /// Besides `_silence_` and `_unknown_`.
    var words: [String] = []
    var architecture = Architecture(.dsCNN, width: 64)
    var features = Features.Settings()
    var shares = Sampler.Shares()
    var augmentation = Augmentation()
    /// Kinds of recordings that are split anew, because their manifest calls them all one.
    var resplit: [Clip.Kind] = []
    /// A checkpoint or a model of the same architecture whose weights training begins with, by name; none: random ones.
    var start = ""
    var training = Plan()
    var quantisation = Quantisation()
    var teacher = Teacher()
    var listening = Listening()
    var seed: UInt64 = 1

    /// Where the recipe was read.
    var folder = "."

    private enum CodingKeys: CodingKey {
        case name, words, architecture, features, shares, augmentation, resplit, start, training, quantisation, teacher, listening, seed
    }

    /// The second training, in which the network sees its weights and activations as integers.
    struct Quantisation: Codable {
        /// 0: quantised after training, by what activations were seen.
        var epochs = 5
        var rate: Float = 2e-4
        /// Whether the gradient moves the ranges.
        var learnt = false
        /// Label smoothing and the teacher's part. A smoothed target makes all that is certain equally certain: without it, the last
        /// epochs spread the scores that `listen` compares with a cutoff.
        var smoothing: Float = 0
        var teaching: Float = 0.5
        /// The share of its examples that are running speech and noise in which the first training's network hears words that no
        /// teacher hears: hard negatives. 0: none are looked for.
        var mined = 0.0
        /// What that network must give a word there, as a probability.
        var minedScore: Float = 0.5
    }

    /// Networks to learn from; several are averaged.
    struct Teacher: Codable {
        /// `.tflite` or `.safetensors`, by name; none: labels alone.
        var models: [String] = []
        /// What a `.tflite`'s outputs are, in order; a checkpoint knows.
        var classes: [String] = []
        /// For models of raw sound: where the loudest sample is put, of full scale.
        var peak: Float = 0.7
        /// Whether it is heeded where it contradicts the label. One that hears commands in foreign speech teaches just that.
        var contradicts = false
        /// What a teacher must give a word, as a probability, to have heard it in unlabelled speech: with less, nothing is said there
        /// but `_unknown_`. Else what it gives the words it is unsure of is learnt, and each is a false accept.
        var certainty: Float = 0.5
        /// Checkpoints that hear each example as it was varied, with its noise, and say what to make of it instead of the models, which were
        /// asked about recordings as they are (Beyer et al. 2022); several are averaged. The models still say where a word is in unlabelled speech.
        var companions: [String] = []
    }

    /// How `katydid listen` hears with it.
    struct Listening: Codable {
        /// Whether it hears each frame once and remembers what it computed, instead of a whole window every time: mixednet.
        var streaming = false
        /// Frames from one inference to the next; a streaming model's own.
        var hop = 4
        /// Inferences whose scores are averaged.
        var window = 4
        /// What the mean must exceed.
        var cutoff = 0.8
        /// For words that need another one.
        var cutoffs: [String: Double] = [:]
        /// What cutoffs rise by where nothing but `_unknown_` was said before.
        var talkWeight = 0.0
    }

    var classes: [String] { ["_silence_", "_unknown_"] + words }

    var samplerSettings: Sampler.Settings {
        var settings = Sampler.Settings()
        settings.shares = shares
        if teacher.models.isEmpty { settings.shares.unlabelled = 0 }
        settings.augmentation = augmentation
        settings.features = features
        settings.seed = Int(truncatingIfNeeded: seed)
        return settings
    }
}
