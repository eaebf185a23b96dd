import KernelCheck
import Support

private let help: StaticString = """
    usage: katydid selftest [--rounds N] [--seed N]

    Checks every kernel that this CPU can run against its portable reference, bit by bit, on
    random layers and sounds. What to run first on a new board. The digests of the references must be the
    same on every machine: with the default rounds and seed they are compared with the known ones.

      --rounds N   random cases per kernel (100)
      --seed N     where they start (1)
      --help       this text

    example:
      katydid selftest --rounds 1000

    """

func selfTest() throws(Failure) {
    let options = try Options("selftest", help: help, [.init("rounds", takesValue: true), .init("seed", takesValue: true)])
    try options.refuseOperands(after: 0)
    let rounds = try options.integer("rounds", in: 1...1_000_000, default: 100)
    let seed = try options.integer("seed", in: 0...Int(Int32.max), default: 1)

    var line = Line()
    var passed = 0, skipped = 0, failed = 0, references = 0
    let isAgreed = rounds == AgreedDigests.rounds && UInt64(seed) == AgreedDigests.seed
    checkKernels(seed: UInt64(seed), rounds: rounds) { report in
        line.append(String(cString: report.name))
        line.pad(to: 32)
        switch report.outcome {
        case .reference(let digest):
            line.append("reference, digest ")
            line.append(hex: digest)
            if isAgreed && digest != AgreedDigests.values[references] {
                line.append(" FAILED: not as on other machines")
                failed += 1
            }
            references += 1
        case .passed:
            line.append("ok, as the reference on ")
            line.append(rounds)
            line.append(" cases")
            passed += 1
        case .skipped(let missing):
            line.append("not for this CPU: no")
            append(features: missing, to: &line)
            skipped += 1
        case .failed(let round, let shape, let byte):
            line.append("FAILED in round ")
            line.append(round)
            line.append(": byte ")
            line.append(byte)
            if let shape {
                line.append(" of [\(shape.batches),\(shape.output_height),\(shape.output_width),\(shape.output_channels)]")
            }
            failed += 1
        }
        line.flush()
    }
    line.append(passed)
    line.append(" kernels passed, ")
    line.append(failed)
    line.append(" failed, ")
    line.append(skipped)
    line.append(" not for this CPU")
    line.flush()
    guard failed == 0 else {
        throw Failure(.software, "selftest", "\(failed) kernels give wrong bits", "don't use this build on this machine; report it")
    }
}
