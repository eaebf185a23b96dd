/// The digests of the references, as x86-64 and AArch64 agree on them: a machine whose references give
/// others has a compiler, a C library or a CPU that breaks the arithmetic everything is compared with.
public enum AgreedDigests {
    /// What to call `checkKernels` with.
    public static let seed: UInt64 = 1, rounds = 100

    /// In the order of the reports: int8 convolution, int8 depthwise, float32 convolution, float32
    /// depthwise, hybrid convolution, micro front-end. They change with the cases that `checkKernels` makes.
    public static var values: [UInt64] {
        [0x8b70_becf_53b5_5392, 0xa077_8d9c_ebdd_9972, 0xad08_960f_bcec_a61e, 0x0533_a6ca_3e0f_90c9, 0xde48_4ca8_a361_2d57,
         0x05af_1d61_97a5_c5f1]
    }
}
