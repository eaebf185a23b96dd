/// The digests of the references, as x86-64 and AArch64 agree on them: a machine whose references give
/// others has a compiler, a C library or a CPU that breaks the arithmetic everything is compared with.
public enum AgreedDigests {
    /// What to call `checkKernels` with.
    public static let seed: UInt64 = 1, rounds = 100

    /// In the order of the reports: int8 convolution, int8 depthwise, float32 convolution, float32
    /// depthwise, hybrid convolution, micro front-end. They change with the cases that `checkKernels` makes.
    public static var values: [UInt64] {
        [0x86b0_c6e2_e7c8_a5c4, 0xbe23_2b4b_e2a8_cf67, 0xb923_6f97_f57d_79e5, 0xddde_e683_7270_3538, 0xf22c_7f0f_eb5a_f49a,
         0x05af_1d61_97a5_c5f1]
    }
}
