import CKernels
import Support

/// How interleaved channels become one.
public enum ChannelMix: Sendable, Equatable {
    /// Their mean, rounded half up.
    case mean
    /// One of them, counted from 0.
    case pick(Int)

    /// Throws `Failure` where the picked channel isn't among `channels`.
    public func check(channels: Int) throws(Failure) {
        if case .pick(let channel) = self, !(0..<channels).contains(channel) {
            throw Failure(
                .usage, "channel \(channel + 1)", "the sound has only \(channels)", "choose one of them, or the mean")
        }
    }

    /// Mixes the frames of [frames, channels] in `input` that have room in `output`, in place if both are the same
    /// memory. Returns how many. Channels number 1…64 and contain the picked one (`check`).
    public func apply(
        _ input: UnsafeBufferPointer<Int16>, channels: Int, to output: UnsafeMutableBufferPointer<Int16>
    ) -> Int {
        let frames = min(input.count / channels, output.count)
        guard let from = input.baseAddress, let to = output.baseAddress else { return 0 }
        switch self {
        case .mean: k_mix_mean_s16(from, Int32(frames), Int32(channels), to)
        case .pick(let channel): k_mix_pick_s16(from, Int32(frames), Int32(channels), Int32(channel), to)
        }
        return frames
    }
}
