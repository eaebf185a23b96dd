/// The digests of the references, as x86-64 and AArch64 agree on them: a machine whose references give
/// others has a compiler, a C library or a CPU that breaks the arithmetic everything is compared with.
public enum AgreedDigests {
    /// What to call `checkKernels` with.
    public static let seed: UInt64 = 1, rounds = 100

    /// In the order of the reports: int8 convolution, int8 depthwise, float32 convolution, float32
    /// depthwise, hybrid convolution, micro front-end. They change with the cases that `checkKernels` makes.
    public static var values: [UInt64] {
        [0xa0a9_5479_f1b6_e408, 0xa077_8d9c_ebdd_9972, 0xc688_8218_04cb_9a87, 0x0533_a6ca_3e0f_90c9, 0x79ea_31bf_912c_5e97,
         0x05af_1d61_97a5_c5f1]
    }
}
