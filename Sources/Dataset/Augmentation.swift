/// How recordings are varied, so that few people stand for many and a quiet desk for a kitchen. Each value is one of a
/// recipe; 0 as a probability turns its part off.
public struct Augmentation: Codable, Sendable, Equatable {
    /// A word's time in its window, ± s about the middle. It stays whole where it fits.
    public var shift = 0.1
    /// The share of words that lie anywhere in the window where they are whole, at most `reach` s from its middle.
    /// A network that runs hop by hop meets words early and late.
    public var roaming = 0.3
    public var reach = 0.4
    /// Faster and slower, ± as a part of one, as a tape is: higher and lower with it, so that few people sound like more.
    public var speed = 0.12
    /// How fast it is said whatever the pitch, ± as a part of one; 0 leaves it as fast as `speed` makes it.
    public var tempo = 0.0
    /// The level of the loudest sample in dB of full scale, drawn evenly.
    public var gainLow = -25.0, gainHigh = 0.0
    /// The share of examples that a room answers to; its time of reverberation in s, to −60 dB.
    public var reverberation = 0.4
    public var rt60Low = 0.1, rt60High = 0.6
    /// The share of examples with sound from elsewhere, at a signal-to-noise ratio in dB drawn evenly.
    public var noise = 0.8
    public var snrLow = 0.0, snrHigh = 30.0
    /// Of those, the share that has several voices talking instead of noise or music.
    public var babble = 0.25
    /// The share heard through a narrow band, as telephones, radios and old recordings have; where it ends, Hz.
    public var band = 0.0
    public var bandLow = 3400.0, bandHigh = 7500.0
    /// The share with a microphone's hiss, −80…−55 dBFS.
    public var hiss = 0.5
    /// The share of examples before which something was heard, and for how long at most, s: the device's front-end has
    /// adapted to what came before, that of a lone clip has not.
    public var leadIn = 0.5
    public var leadInLongest = 1.5
    /// SpecAugment (Park et al. 2019): up to so many stripes of so many frames and channels are put to 0.
    public var timeMasks = 1, timeMaskFrames = 6
    public var frequencyMasks = 1, frequencyMaskChannels = 4

    public init() {}

    /// Everything as it was recorded.
    public static var none: Augmentation {
        var a = Augmentation()
        a.shift = 0
        a.roaming = 0
        a.speed = 0
        a.gainLow = 0
        a.reverberation = 0
        a.noise = 0
        a.band = 0
        a.hiss = 0
        a.leadIn = 0
        a.timeMasks = 0
        a.frequencyMasks = 0
        return a
    }
}
