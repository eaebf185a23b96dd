import CKernels
import CLinux
import Support

let katydidVersion: StaticString = "0.1.0"

private let help: StaticString = """
    usage: katydid version

    Shows the version, the machine, and the CPU features that kernels use.

    example:
      katydid version

    """

func version() throws(Failure) {
    try Options("version", help: help, []).refuseOperands(after: 0)
    var line = Line()
    line.append("katydid ")
    line.append(katydidVersion)
    var machine = utsname()
    uname(&machine)
    line.append(" on ")
    withUnsafeBytes(of: machine.machine) { for byte in $0 { if byte == 0 { break } else { line.append(byte: byte) } } }
    line.append(", kernels for:")
    let features = k_cpu_features()
    if features == 0 { line.append(" any CPU") }
    append(features: features, to: &line)
    line.flush()
}

/// Names of K_CPU_… bits.
func append(features: UInt32, to line: inout Line) {
    if features & UInt32(K_CPU_AVX2) != 0 { line.append(" AVX2") }
    if features & UInt32(K_CPU_AVX512VNNI) != 0 { line.append(" AVX-512-VNNI") }
    if features & UInt32(K_CPU_NEON) != 0 { line.append(" NEON") }
    if features & UInt32(K_CPU_NEON_DOT) != 0 { line.append(" NEON-dotprod") }
    if features & UInt32(K_CPU_NEON_I8MM) != 0 { line.append(" NEON-i8mm") }
}
