import CKernels
import Support

/// Converts int16 mono sound of one rate into another, without allocating while it runs.
///
/// A polyphase windowed sinc (`k_resample.h`). With the lower of both Nyquist frequencies, 8 kHz for most,
/// it is flat to 7/8 of that and at least 80 dB down from it upwards. Output k lies exactly at input time
/// k·from/to. Equal rates pass through untouched.
public struct Resampler: ~Copyable {
    /// Input samples converted at a time.
    static let block = 2048

    public let from: Int
    public let to: Int

    private let kernel: UnsafeMutablePointer<k_resampler>
    private let table: UnsafeMutablePointer<Float>
    private let history: UnsafeMutablePointer<Float>
    private let capacity: Int
    private var available: Int32 = 0
    private var start: Int32 = 0
    private var phase: Int32 = 0

    /// Rates in Hz, 8000…192000. Throws `Failure` for others.
    public init(from: Int, to: Int = 16000) throws(Failure) {
        guard (8000...192_000).contains(from), (8000...192_000).contains(to) else {
            throw Failure(
                .data, "conversion from \(from) to \(to) Hz", "rates must lie between 8000 and 192000 Hz",
                "choose another rate of the device, or convert the file")
        }
        self.from = from
        self.to = to
        kernel = .allocate(capacity: 1)
        k_resampler_plan(kernel, Int32(from), Int32(to))
        let taps = Int(kernel.pointee.taps)
        let entries = from == to ? 0 : (Int(kernel.pointee.phases) + 1) * taps
        table = .allocate(capacity: entries)
        capacity = taps + Resampler.block
        history = .allocate(capacity: capacity)
        if from != to { k_resampler_fill(kernel, table) }
        kernel.pointee.table = UnsafePointer(table)
        reset()
    }

    deinit {
        kernel.deallocate()
        table.deallocate()
        history.deallocate()
    }

    /// How many input samples an output must wait for beyond the one at its own time. To get the end of a file,
    /// feed so many zeros behind it.
    public var delay: Int { from == to ? 0 : Int(kernel.pointee.taps) / 2 }

    /// Reads from `input[consumed...]`, advances `consumed` and fills `output` from its start, until either runs
    /// out. Returns how many samples were produced: fewer than `output` holds only where the input is used up.
    public mutating func process(
        input: UnsafeBufferPointer<Int16>, consumed: inout Int, output: UnsafeMutableBufferPointer<Int16>
    ) -> Int {
        guard let first = output.baseAddress else { return 0 }
        if from == to {
            let count = min(input.count - consumed, output.count)
            if count > 0, let from = input.baseAddress { first.copy(from: from + consumed, count: count) }
            consumed += count
            return count
        }
        var produced = 0
        while true {
            let room = Int32(clamping: output.count - produced)
            produced += Int(k_resample(kernel, history, available, &start, &phase, first + produced, room))
            guard produced < output.count, consumed < input.count else { return produced }
            forgetUsed()
            let count = min(capacity - Int(available), input.count - consumed)
            if let from = input.baseAddress { k_resample_widen(from + consumed, Int32(count), history + Int(available)) }
            available += Int32(count)
            consumed += count
        }
    }

    /// Moves what is still needed to the front.
    private mutating func forgetUsed() {
        history.copy(from: history + Int(start), count: Int(available - start))
        available -= start
        start = 0
    }

    /// Forgets all samples: as new.
    public mutating func reset() {
        // So many zeros that the first output lies at the first input.
        available = kernel.pointee.taps / 2 - 1
        history.initialize(repeating: 0, count: capacity)
        start = 0
        phase = 0
    }
}
