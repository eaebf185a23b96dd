import CLinux

/// How one example is made: foreground, room, surroundings, microphone, front-end, masks.
extension Sampler {
    struct Made {
        var label: Int32
        var source: Int32
    }

    func make(epoch: Int, index: Int, in workspace: Workspace, features: UnsafeMutablePointer<Float>) -> Made {
        var generator = Generator(UInt64(truncatingIfNeeded: settings.seed), epoch, index)
        let a = settings.augmentation, step = settings.features.stepSamples, samples = settings.features.samples
        // Whole steps, so that frames lie in a window as they do without a lead-in.
        let lead = generator.chance(a.leadIn) ? (generator.index(Int(a.leadInLongest * Double(Sound.rate)) / step + 1)) * step : 0
        let whole = UnsafeMutableBufferPointer(start: workspace.mixed, count: lead + samples)
        let window = UnsafeMutableBufferPointer(rebasing: whole[lead...])
        whole.update(repeating: 0)

        var made = Made(label: silence ?? 0, source: -1)
        /// Of what is loud in the foreground.
        var level: Float = 0
        let kind = draw(&generator)
        switch kind {
        case .word, .otherWord:
            let source = kind == .word ? drawWord(&generator) : drawOther(&generator)
            made = Made(label: sources[source].label, source: Int32(source))
            level = place(source, in: whole, lead: lead, &generator)
        case .speech, .unlabelled, .mined:
            let source = drawSpeech(kind, &generator)
            made = Made(label: sources[source].label, source: Int32(source))
            level = run(source, in: whole, lead: lead, &generator)
        case .fragment:
            made.label = unknown!
            level = fragments(in: whole, lead: lead, &generator)
        case .noise: break
        }
        if kind != .noise, let rooms, generator.chance(a.reverberation) {
            rooms.convolver.apply(rooms.responses[generator.index(rooms.responses.count)], to: window, scratch: workspace.scratch)
        }
        if kind == .noise {
            // A fifth of it silence but for the hiss.
            if !pool.noise.isEmpty, generator.chance(0.8) {
                surround(whole, level: 32768 * decibels(generator.between(-45, -12)), isBabble: false, workspace, &generator)
            }
        } else {
            // Another voice before this one; running speech has its own.
            if lead > 0, !kind.isRunning, generator.chance(0.5) { precede(whole, lead: lead, level: level, &generator) }
            if generator.chance(a.noise) {
                let ratio = decibels(-generator.between(a.snrLow, a.snrHigh))
                surround(whole, level: level * ratio, isBabble: generator.chance(a.babble), workspace, &generator)
            }
        }
        if generator.chance(a.band) { LowPass(cutoff: generator.between(a.bandLow, a.bandHigh)).apply(to: whole) }
        if generator.chance(a.hiss) { hiss(whole, amplitude: 32768 * decibels(generator.between(-80, -55)), &generator) }

        let sound = UnsafeMutableBufferPointer(start: workspace.sound, count: whole.count)
        for i in 0..<whole.count { sound[i] = Sound.sample(whole[i]) }
        workspace.window = workspace.sound + lead
        workspace.features(UnsafeBufferPointer(sound), to: features)
        mask(features, &generator)
        return made
    }

    private func decibels(_ x: Double) -> Float { Float(pow(10, x / 20)) }

    private func draw(_ generator: inout Generator) -> Kind {
        var at = generator.unit() * kinds.reduce(0) { $0 + $1.share }
        for (kind, share) in kinds where share > 0 {
            if at < share { return kind }
            at -= share
        }
        return kinds.last { $0.share > 0 }!.kind
    }

    /// Any word as often as any other, whoever said it.
    private func drawWord(_ generator: inout Generator) -> Int {
        var label: Int
        repeat { label = generator.index(classes.count) } while pool.real[label].isEmpty && pool.synthetic[label].isEmpty
        let real = pool.real[label], synthetic = pool.synthetic[label]
        return drawReal(real.isEmpty, synthetic.isEmpty, &generator) ? real[generator.index(real.count)] : synthetic[generator.index(synthetic.count)]
    }

    /// Whether a person says it, where there is a choice.
    private func drawReal(_ lacksReal: Bool, _ lacksSynthetic: Bool, _ generator: inout Generator) -> Bool {
        let shares = settings.shares
        if lacksReal || lacksSynthetic { return !lacksReal }
        return generator.chance(shares.real / max(shares.real + shares.synthetic, .leastNormalMagnitude))
    }

    private func drawOther(_ generator: inout Generator) -> Int {
        let real = pool.realOthers, synthetic = pool.syntheticOthers
        let others = drawReal(real.words.isEmpty, synthetic.words.isEmpty, &generator) ? real : synthetic
        var at = generator.unit() * others.weights.reduce(0, +)
        for (group, weight) in zip(others.words, others.weights) {
            if at < weight { return group[generator.index(group.count)] }
            at -= weight
        }
        return others.words.last![0]
    }

    private func drawSpeech(_ kind: Kind, _ generator: inout Generator) -> Int {
        if kind == .unlabelled { return pool.unlabelled[generator.index(pool.unlabelled.count)] }
        if kind == .mined { return pool.mined[generator.index(pool.mined.count)] }
        let real = pool.realSpeech, synthetic = pool.syntheticSpeech
        let speech = drawReal(real.isEmpty, synthetic.isEmpty, &generator) ? real : synthetic
        return speech[generator.index(speech.count)]
    }

    private func drawSpeed(_ generator: inout Generator) -> Double {
        let speed = settings.augmentation.speed
        return speed > 0 ? 1 + generator.between(-speed, speed) : 1
    }

    /// What is heard about an extent of a recording as fast as is drawn, whatever `speed` will make of it; and the extent there.
    private func drawTempo(
        _ clip: Int, about extent: Range<Int>, speed: Double, in whole: UnsafeMutableBufferPointer<Float>, _ generator: inout Generator
    ) -> (sound: [Int16], extent: Range<Int>) {
        let tempo = settings.augmentation.tempo
        guard tempo > 0 else { return (bank.sounds[clip], extent) }
        let factor = (1 + generator.between(-tempo, tempo)) / speed
        return Tempo.change(bank.sounds[clip], about: extent, margin: whole.count + whole.count / 2, by: factor)
    }

    /// What brings a recording's loudest sample to a drawn level.
    private func drawGain(_ clip: Int, _ generator: inout Generator) -> Float {
        let a = settings.augmentation
        return 32767 * decibels(generator.between(a.gainLow, a.gainHigh)) / bank.loudness[clip].peak
    }

    /// A clip of a word, whole, somewhere in the window. Returns its level there.
    private func place(
        _ source: Int, in whole: UnsafeMutableBufferPointer<Float>, lead: Int, _ generator: inout Generator
    ) -> Float {
        let a = settings.augmentation, clip = sources[source].clip, loudness = bank.loudness[clip]
        let speed = drawSpeed(&generator), gain = drawGain(clip, &generator)
        let (sound, extent) = drawTempo(clip, about: loudness.extent, speed: speed, in: whole, &generator)
        let samples = Double(whole.count - lead) * speed
        // Positions of the recording at which the window may begin: those with the word in it.
        let earliest = Double(extent.upperBound) - samples, latest = Double(extent.lowerBound)
        var start = (Double(sound.count) - samples) / 2
        if generator.chance(a.roaming), earliest < latest {
            let centre = Double(extent.lowerBound + extent.upperBound) / 2 - samples / 2, reach = a.reach * Double(Sound.rate) * speed
            start = generator.between(max(earliest, centre - reach), min(latest, centre + reach))
        } else {
            start -= generator.between(-a.shift, a.shift) * Double(Sound.rate) * speed
        }
        if earliest < latest { start = min(max(start, earliest), latest) }
        add(sound, from: start - Double(lead) * speed, speed: speed, gain: gain, fade: 160, to: whole)
        return loudness.level * gain
    }

    /// A window of running speech, and before it what was said before.
    private func run(_ source: Int, in whole: UnsafeMutableBufferPointer<Float>, lead: Int, _ generator: inout Generator) -> Float {
        let a = settings.augmentation, source = sources[source]
        let speed = drawSpeed(&generator), gain = drawGain(source.clip, &generator)
        let samples = whole.count - lead
        let (sound, window) = drawTempo(source.clip, about: source.start..<(source.start + samples), speed: speed, in: whole, &generator)
        // The middle of the window stays the middle at any speed.
        let middle = Double(window.lowerBound + window.upperBound) / 2
        let start = middle - Double(samples) * speed / 2 - generator.between(-a.shift, a.shift) * Double(Sound.rate) * speed
        add(sound, from: start - Double(lead) * speed, speed: speed, gain: gain, fade: 160, to: whole)
        return bank.loudness[source.clip].level * gain
    }

    /// Half a word, or the first half of one and the second of another.
    private func fragments(in whole: UnsafeMutableBufferPointer<Float>, lead: Int, _ generator: inout Generator) -> Float {
        let first = drawWord(&generator), second = drawWord(&generator)
        let cut = generator.between(0.4, 0.6)
        let isGlued = sources[first].label != sources[second].label && generator.chance(0.5)
        let wantsEnd = !isGlued && generator.chance(0.5)
        var level: Float = 0
        var at = lead + generator.index(max((whole.count - lead) / 3, 1))
        for (i, source) in [first, second].enumerated() where i == 0 || isGlued {
            let clip = sources[source].clip, extent = bank.loudness[clip].extent, gain = drawGain(clip, &generator)
            let middle = extent.lowerBound + Int(cut * Double(extent.count))
            let part = i == 1 || wantsEnd ? middle..<extent.upperBound : extent.lowerBound..<middle
            let count = min(part.count, whole.count - at)
            guard count > 0 else { break }
            let room = UnsafeMutableBufferPointer(rebasing: whole[at..<(at + count)])
            add(Array(bank.sounds[clip][part.lowerBound..<(part.lowerBound + count)]), from: 0, speed: 1, gain: gain, fade: 160, to: room)
            level = max(level, bank.loudness[clip].level * gain)
            at += count
        }
        return level
    }

    /// Another voice that ends where the window begins.
    private func precede(_ whole: UnsafeMutableBufferPointer<Float>, lead: Int, level: Float, _ generator: inout Generator) {
        guard !pool.speechClips.isEmpty, level > 0 else { return }
        let clip = pool.speechClips[generator.index(pool.speechClips.count)], sound = bank.sounds[clip]
        let gain = level * decibels(generator.between(-15, 5)) / bank.loudness[clip].level
        let start = generator.index(max(sound.count - lead, 1))
        let room = UnsafeMutableBufferPointer(rebasing: whole[..<lead])
        add(Array(sound[start..<min(start + lead, sound.count)]), from: 0, speed: 1, gain: gain, fade: 320, to: room)
    }

    /// Noise or several voices over all of it, at a level.
    private func surround(
        _ whole: UnsafeMutableBufferPointer<Float>, level: Float, isBabble: Bool, _ workspace: Workspace, _ generator: inout Generator
    ) {
        let other = UnsafeMutableBufferPointer(start: workspace.other, count: whole.count)
        other.update(repeating: 0)
        if isBabble || pool.noise.isEmpty {
            guard !pool.speechClips.isEmpty else { return }
            for _ in 0..<(2 + generator.index(3)) {
                let clip = pool.speechClips[generator.index(pool.speechClips.count)]
                repeated(bank.sounds[clip], gain: 1 / bank.loudness[clip].level, to: other, &generator)
            }
        } else {
            let group = pool.noise[generator.index(pool.noise.count)]
            repeated(bank.sounds[group[generator.index(group.count)]], gain: 1, to: other, &generator)
        }
        let rms = Sound.rootMeanSquare(other)
        guard rms > 0 else { return }
        // Knocks are mostly silence: at the level of rain they would be clipped.
        var largest: Float = 0
        for x in other { largest = max(largest, abs(x)) }
        let gain = min(level / rms, 32767 / largest)
        for i in 0..<whole.count { whole[i] += gain * other[i] }
    }

    /// Adds a stretch of a recording that begins somewhere in it, over and over where it is short.
    private func repeated(_ sound: [Int16], gain: Float, to out: UnsafeMutableBufferPointer<Float>, _ generator: inout Generator) {
        sound.withUnsafeBufferPointer { sound in
            var from = generator.index(sound.count), at = 0
            while at < out.count {
                let count = min(sound.count - from, out.count - at)
                for i in 0..<count { out[at + i] += gain * Float(sound[from + i]) }
                at += count
                from = 0
            }
        }
    }

    private func hiss(_ whole: UnsafeMutableBufferPointer<Float>, amplitude: Float, _ generator: inout Generator) {
        // Even draws of 16 bits, four from one number; their root mean square is 1/√3.
        let gain = amplitude * Float(3).squareRoot() / 32768
        var i = 0
        while i < whole.count {
            var bits = generator.next()
            for _ in 0..<min(4, whole.count - i) {
                whole[i] += gain * Float(Int16(truncatingIfNeeded: bits))
                bits >>= 16
                i += 1
            }
        }
    }

    /// Adds sound from a place in it, in steps of `speed` samples, by cubic interpolation (Catmull and Rom); what lies outside is
    /// silent, and its ends fade over `fade` samples.
    private func add(
        _ sound: [Int16], from start: Double, speed: Double, gain: Float, fade: Int, to out: UnsafeMutableBufferPointer<Float>
    ) {
        sound.withUnsafeBufferPointer { sound in
            let last = sound.count - 3
            let first = max(Int(((1 - start) / speed).rounded(.up)), 0)
            let end = min(Int(((Double(last) - start) / speed).rounded(.down)), out.count)
            guard first < end else { return }
            let p = sound.baseAddress!
            for i in first..<end {
                let position = start + Double(i) * speed
                let whole = Int(position)
                let t = Float(position - Double(whole))
                let a = Float(p[whole - 1]), b = Float(p[whole]), c = Float(p[whole + 1]), d = Float(p[whole + 2])
                let value = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
                let edge = min(whole, last - whole)
                out[i] += gain * (edge < fade ? value * Float(edge) / Float(fade) : value)
            }
        }
    }

    /// SpecAugment: stripes of 0 in time and in frequency.
    private func mask(_ features: UnsafeMutablePointer<Float>, _ generator: inout Generator) {
        let a = settings.augmentation, frames = settings.features.frames, channels = Features.channels
        for _ in 0..<a.timeMasks {
            let width = min(generator.index(a.timeMaskFrames + 1), frames), at = generator.index(frames - width + 1)
            (features + at * channels).update(repeating: 0, count: width * channels)
        }
        for _ in 0..<a.frequencyMasks {
            let width = min(generator.index(a.frequencyMaskChannels + 1), channels), at = generator.index(channels - width + 1)
            for frame in 0..<frames { (features + frame * channels + at).update(repeating: 0, count: width) }
        }
    }
}
