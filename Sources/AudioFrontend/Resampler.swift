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

    public private(set) var from: Int
    public let to: Int

    private let kernel: UnsafeMutablePointer<k_resampler>
    private let table: UnsafeMutablePointer<Float>
    private let history: UnsafeMutablePointer<Float>
    private let capacity: Int
    private let entries: Int
    private var available: Int32 = 0
    private var start: Int32 = 0
    private var phase: Int32 = 0

    /// Rates in Hz, 8000…192000. Throws `Failure` for others.
    public init(from: Int, to: Int = 16000) throws(Failure) {
        guard Resampler.rates.contains(from), Resampler.rates.contains(to) else {
            throw Failure(
                .data, "conversion from \(from) to \(to) Hz", "rates must lie between 8000 and 192000 Hz",
                "choose another rate of the device, or convert the file")
        }
        self.from = from
        self.to = to
        kernel = .allocate(capacity: 1)
        k_resampler_plan(kernel, Int32(from), Int32(to))
        entries = from == to ? 0 : Resampler.entries(kernel)
        table = .allocate(capacity: entries)
        capacity = Int(kernel.pointee.taps) + Resampler.block
        history = .allocate(capacity: capacity)
        fill()
    }

    /// One that can be changed later, without allocating, to any of the rates that sound cards have: to 16 kHz the table of
    /// 11025 Hz is the largest and the filter of 192 kHz the longest. It begins with equal rates.
    public init(changeableTo to: Int) {
        from = to
        self.to = to
        kernel = .allocate(capacity: 1)
        k_resampler_plan(kernel, Int32(to), Int32(to))
        entries = 64 * 1024
        table = .allocate(capacity: entries)
        capacity = 2304 + Resampler.block
        history = .allocate(capacity: capacity)
        fill()
    }

    private static let rates = 8000...192_000

    private static func entries(_ kernel: UnsafePointer<k_resampler>) -> Int { (Int(kernel.pointee.phases) + 1) * Int(kernel.pointee.taps) }

    /// Begins anew with another rate, Hz; false, and nothing is changed, for one that it has no room for.
    public mutating func change(from: Int) -> Bool {
        guard Resampler.rates.contains(from) else { return false }
        var plan = k_resampler()
        k_resampler_plan(&plan, Int32(from), Int32(to))
        guard from == to || (Resampler.entries(&plan) <= entries && Int(plan.taps) + Resampler.block <= capacity) else { return false }
        let isSame = from == self.from
        self.from = from
        if !isSame {
            kernel.pointee = plan
            fill()
        }
        reset()
        return true
    }

    private mutating func fill() {
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
    @inline(never)
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
