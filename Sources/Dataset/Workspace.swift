import Support

/// What one thread needs to make examples: allocated once.
final class Workspace: @unchecked Sendable {
    /// Lead-in and window.
    let mixed: UnsafeMutablePointer<Float>
    let other: UnsafeMutablePointer<Float>
    let scratch: UnsafeMutablePointer<Float>
    let sound: UnsafeMutablePointer<Int16>
    let longest: Int
    var features: Features
    /// Of the example made last.
    var window: UnsafeMutablePointer<Int16>

    init(_ settings: Sampler.Settings) {
        let step = settings.features.stepSamples
        longest = settings.features.samples + (Int(settings.augmentation.leadInLongest * Double(Sound.rate)) / step + 1) * step
        mixed = .allocate(capacity: longest)
        other = .allocate(capacity: longest)
        scratch = .allocate(capacity: 2 * Convolver.points)
        sound = .allocate(capacity: longest)
        window = sound
        // The sampler has tried these settings.
        features = try! Features(settings.features)
    }

    deinit {
        mixed.deallocate()
        other.deallocate()
        scratch.deallocate()
        sound.deallocate()
    }
}
