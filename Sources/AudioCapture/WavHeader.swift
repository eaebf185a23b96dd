import Support

/// What the header of a RIFF/WAVE file says, after checking it against the file.
/// Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" (1991) and WAVEFORMATEXTENSIBLE.
struct WavHeader {
    private(set) var encoding = SampleEncoding.signed16
    private(set) var channels = 0
    private(set) var rate = 0
    /// Where the samples are in the file; whole frames only.
    private(set) var data = 0..<0
    /// What the header got wrong and we could make good.
    private(set) var warning: String?

    private let name: String

    /// Throws `Failure` naming `name` for anything that is not a WAV file we can play.
    init(_ bytes: UnsafeRawBufferPointer, name: String) throws(Failure) {
        self.name = name
        guard bytes.count >= 12 else { throw bad("too short for a WAV file") }
        let magic = bytes.u32(0)
        if magic == fourCC("RIFX") || magic == fourCC("RF64") || magic == fourCC("BW64") {
            throw bad("a RIFX or RF64 file, and only RIFF is read")
        }
        guard magic == fourCC("RIFF"), bytes.u32(8) == fourCC("WAVE") else { throw bad("not a WAV file") }

        var at = 12
        var format: Range<Int>?
        while bytes.count - at >= 8 {
            let id = bytes.u32(at)
            let size = Int(bytes.u32(at + 4))
            let body = at + 8
            // The size is only believed as far as the file goes.
            let end = min(body + size, bytes.count)
            if id == fourCC("fmt ") { format = body..<end }
            if id == fourCC("data") {
                guard let format else { throw bad("sound before its format: no fmt chunk") }
                try parse(format: UnsafeRawBufferPointer(rebasing: bytes[format]))
                try take(data: body..<end, promised: size)
                return
            }
            at = end
            // Chunks are padded to even sizes with a zero; some writers forget.
            if size & 1 == 1, at < bytes.count, bytes[at] == 0 { at += 1 }
        }
        throw bad(format == nil ? "no fmt chunk" : "no data chunk")
    }

    private mutating func parse(format: UnsafeRawBufferPointer) throws(Failure) {
        guard format.count >= 16 else { throw bad("the fmt chunk is cut short") }
        var tag = Int(format.u16(0))
        channels = Int(format.u16(2))
        rate = Int(format.u32(4))
        let frameBytes = Int(format.u16(12))
        let bits = Int(format.u16(14))

        if tag == 0xFFFE {
            guard format.count >= 40 else { throw bad("the extensible fmt chunk is cut short") }
            // The last 14 bytes of every GUID that stands for a format tag.
            let suffix: StaticString = "\u{0}\u{0}\u{0}\u{0}\u{10}\u{0}"
            var same = true
            for i in 0..<6 where format[26 + i] != suffix.utf8Start[i] { same = false }
            guard same, format.u32(32) == 0xAA00_0080, format.u32(36) == 0x719B_3800 else {
                throw bad("an extensible format of unknown kind")
            }
            tag = Int(format.u16(24))
        }
        guard Limits.channels.contains(channels) else {
            throw bad("\(channels) channels, and \(Limits.channels.lowerBound) to \(Limits.channels.upperBound) are possible")
        }
        guard Limits.rates.contains(rate) else {
            throw bad("\(rate) Hz, and \(Limits.rates.lowerBound) to \(Limits.rates.upperBound) are possible")
        }
        switch (tag, bits) {
        case (1, 8): encoding = .unsigned8
        case (1, 16): encoding = .signed16
        case (1, 24): encoding = .signed24
        case (1, 32): encoding = .signed32
        case (3, 32): encoding = .float32
        case (1, _): throw bad("\(bits)-bit integers")
        case (3, _): throw bad("\(bits)-bit floats")
        default: throw bad("compressed (\(Self.codec(tag)))")
        }
        guard frameBytes == channels * encoding.bytes else {
            throw bad("frames of \(frameBytes) bytes, and \(channels) × \(bits) bits make \(channels * encoding.bytes)")
        }
    }

    private mutating func take(data body: Range<Int>, promised: Int) throws(Failure) {
        let frameBytes = channels * encoding.bytes
        let frames = body.count / frameBytes
        guard frames > 0 else { throw Failure(.data, "\(name)", "holds no sound", "record it again") }
        data = body.lowerBound..<body.lowerBound + frames * frameBytes
        // Programs that write to a pipe cannot know the size and put in the largest, or nearly.
        if body.count < promised, promised < 0x7FFF_F000 {
            warning = "the header promises \(promised) bytes of sound and the file has \(body.count): playing those"
        }
    }

    private func bad(_ why: Message) -> Failure {
        Failure(.data, "\(name)", why, "convert it to 16-bit PCM, as with: sox IN -b 16 OUT.wav")
    }

    private static func codec(_ tag: Int) -> String {
        switch tag {
        case 0x02, 0x11: "ADPCM"
        case 0x06: "A-law"
        case 0x07: "µ-law"
        case 0x31: "GSM"
        case 0x50: "MPEG"
        case 0x55: "MP3"
        default: "format tag \(tag)"
        }
    }
}

func fourCC(_ text: StaticString) -> UInt32 {
    var code: UInt32 = 0
    for i in 0..<4 { code |= UInt32(text.utf8Start[i]) << (8 * i) }
    return code
}

extension UnsafeRawBufferPointer {
    /// Little-endian at byte `offset`, aligned or not.
    func u16(_ offset: Int) -> UInt16 { UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self)) }
    func u32(_ offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
}
