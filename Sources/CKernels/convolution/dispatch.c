// The tables of variants, worst first: the last whose features the CPU has is the best.
#include "f32_gemm.h"
#include "hybrid.h"
#include "kernels.h"
#include "plain.h"
#include "s8_depthwise_16.h"
#include "s8_gemv.h"

const k_s8_convolution_variant k_s8_convolution_variants[] = {
    {"s8_convolution_reference", 0, k_s8_convolution_plain_bytes, k_s8_convolution_plain_pack, k_no_scratch,
     s8_convolution_reference},
#if defined(__x86_64__)
    {"s8_gemm_4x8c2_avx2", K_CPU_AVX2, k_s8_gemv_avx2_packed_bytes, k_s8_gemv_avx2_pack, k_s8_gemm_scratch_bytes,
     s8_gemm_4x8c2_avx2},
    {"s8_gemm_4x16_avx2", K_CPU_AVX2, k_s8_panels_c2_packed_bytes, k_s8_panels_c2_shallow_pack,
     k_s8_gemm_scratch_bytes, s8_gemm_4x16_avx2},
    {"s8_gemm_8x32_avx512vnni", K_CPU_AVX2 | K_CPU_AVX512VNNI, k_s8_panels_c4_packed_bytes,
     k_s8_panels_c4_unsigned_pack, k_s8_gemm_scratch_bytes, s8_gemm_8x32_avx512vnni},
#elif defined(__aarch64__)
    {"s8_gemm_4x8c2_neon", K_CPU_NEON, k_s8_gemm_c2_packed_bytes, k_s8_gemm_c2_pack, k_s8_gemm_scratch_bytes,
     s8_gemm_4x8c2_neon},
    {"s8_gemm_4x16_neon", K_CPU_NEON, k_s8_panels_c2_packed_bytes, k_s8_panels_c2_pack, k_s8_gemm_scratch_bytes,
     s8_gemm_4x16_neon},
    {"s8_gemm_4x16_neondot", K_CPU_NEON | K_CPU_NEON_DOT, k_s8_panels_c4_packed_bytes, k_s8_panels_c4_pack,
     k_s8_gemm_scratch_bytes, s8_gemm_4x16_neondot},
    {"s8_gemm_4x16_neoni8mm", K_CPU_NEON | K_CPU_NEON_DOT | K_CPU_NEON_I8MM, k_s8_panels_c4_packed_bytes,
     k_s8_panels_c8_pack, k_s8_gemm_scratch_bytes, s8_gemm_4x16_neoni8mm},
#endif
};

const k_s8_convolution_variant k_s8_depthwise_variants[] = {
    {"s8_depthwise_reference", 0, k_s8_depthwise_plain_bytes, k_s8_depthwise_plain_pack, k_no_scratch,
     s8_depthwise_reference},
#if defined(__x86_64__)
    {"s8_depthwise_8_avx2", K_CPU_AVX2, k_s8_depthwise_avx2_packed_bytes, k_s8_depthwise_avx2_pack, k_no_scratch,
     s8_depthwise_8_avx2},
    {"s8_depthwise_16_avx2", K_CPU_AVX2, k_s8_depthwise_c2_packed_bytes, k_s8_depthwise_c2_pack, k_no_scratch,
     s8_depthwise_16_avx2},
    {"s8_depthwise_16_avx512vnni", K_CPU_AVX2 | K_CPU_AVX512VNNI, k_s8_depthwise_c4_packed_bytes,
     k_s8_depthwise_c4_unsigned_pack, k_no_scratch, s8_depthwise_16_avx512vnni},
#elif defined(__aarch64__)
    {"s8_depthwise_8_neon", K_CPU_NEON, k_s8_depthwise_plain_bytes, k_s8_depthwise_plain_pack, k_no_scratch,
     s8_depthwise_8_neon},
    {"s8_depthwise_16_neon", K_CPU_NEON, k_s8_depthwise_c2_packed_bytes, k_s8_depthwise_c2_pack, k_no_scratch,
     s8_depthwise_16_neon},
    {"s8_depthwise_16_neondot", K_CPU_NEON | K_CPU_NEON_DOT, k_s8_depthwise_c4_packed_bytes, k_s8_depthwise_c4_pack,
     k_no_scratch, s8_depthwise_16_neondot},
#endif
};

const k_f32_convolution_variant k_f32_convolution_variants[] = {
    {"f32_convolution_reference", 0, k_f32_convolution_plain_bytes, k_f32_convolution_plain_pack, k_no_scratch,
     f32_convolution_reference},
#if defined(__x86_64__)
    {"f32_gemm_6x16_avx2", K_CPU_AVX2, k_f32_gemm_packed_bytes, k_f32_gemm_pack, k_no_scratch, f32_gemm_6x16_avx2},
    {"f32_gemm_10x16_avx512", K_CPU_AVX2 | K_CPU_AVX512VNNI, k_f32_gemm_packed_bytes, k_f32_gemm_pack, k_no_scratch,
     f32_gemm_10x16_avx512},
#elif defined(__aarch64__)
    {"f32_gemm_4x16_neon", K_CPU_NEON, k_f32_gemm_packed_bytes, k_f32_gemm_pack, k_no_scratch, f32_gemm_4x16_neon},
#endif
};

const k_f32_convolution_variant k_f32_depthwise_variants[] = {
    {"f32_depthwise_reference", 0, k_f32_depthwise_plain_bytes, k_f32_depthwise_plain_pack, k_no_scratch,
     f32_depthwise_reference},
#if defined(__x86_64__)
    {"f32_depthwise_8_avx2", K_CPU_AVX2, k_f32_depthwise_plain_bytes, k_f32_depthwise_plain_pack, k_no_scratch,
     f32_depthwise_8_avx2},
    {"f32_depthwise_32_avx512", K_CPU_AVX2 | K_CPU_AVX512VNNI, k_f32_depthwise_plain_bytes, k_f32_depthwise_plain_pack,
     k_no_scratch, f32_depthwise_32_avx512},
#elif defined(__aarch64__)
    {"f32_depthwise_8_neon", K_CPU_NEON, k_f32_depthwise_plain_bytes, k_f32_depthwise_plain_pack, k_no_scratch,
     f32_depthwise_8_neon},
#endif
};

const k_hybrid_convolution_variant k_hybrid_convolution_variants[] = {
    {"hybrid_convolution_reference", 0, k_hybrid_plain_bytes, k_hybrid_plain_pack, k_hybrid_range_bytes,
     hybrid_convolution_reference},
#if defined(__x86_64__)
    {"hybrid_gemm_4x16_avx2", K_CPU_AVX2, k_hybrid_panels_c2_packed_bytes, k_hybrid_panels_c2_pack,
     k_hybrid_panels_scratch_bytes, hybrid_gemm_4x16_avx2},
    {"hybrid_gemm_8x32_avx512vnni", K_CPU_AVX2 | K_CPU_AVX512VNNI, k_hybrid_panels_c4_packed_bytes,
     k_hybrid_panels_c4_pack, k_hybrid_panels_scratch_bytes, hybrid_gemm_8x32_avx512vnni},
#elif defined(__aarch64__)
    {"hybrid_gemm_4x16_neon", K_CPU_NEON, k_hybrid_panels_c2_packed_bytes, k_hybrid_panels_c2_pack,
     k_hybrid_panels_scratch_bytes, hybrid_gemm_4x16_neon},
    {"hybrid_gemm_4x16_neondot", K_CPU_NEON | K_CPU_NEON_DOT, k_hybrid_panels_c4_packed_bytes,
     k_hybrid_panels_c4_pack, k_hybrid_panels_scratch_bytes, hybrid_gemm_4x16_neondot},
    {"hybrid_gemm_4x16_neoni8mm", K_CPU_NEON | K_CPU_NEON_DOT | K_CPU_NEON_I8MM, k_hybrid_panels_c4_packed_bytes,
     k_hybrid_panels_c8_pack, k_hybrid_panels_scratch_bytes, hybrid_gemm_4x16_neoni8mm},
#endif
};

// Defines the count of a table, `at` and `best`; entry 0 requires nothing.
#define TABLE(operation, type)                                                                            \
    const int32_t operation##_variant_count = sizeof operation##_variants / sizeof *operation##_variants; \
    const type *operation##_variant_at(int32_t index) { return &operation##_variants[index]; }            \
    const type *operation##_best(uint32_t features) {                                                     \
        int32_t i = operation##_variant_count - 1;                                                        \
        while (operation##_variants[i].requires & ~features) i--;                                         \
        return &operation##_variants[i];                                                                  \
    }

TABLE(k_s8_convolution, k_s8_convolution_variant)
TABLE(k_s8_depthwise, k_s8_convolution_variant)
TABLE(k_f32_convolution, k_f32_convolution_variant)
TABLE(k_f32_depthwise, k_f32_convolution_variant)
TABLE(k_hybrid_convolution, k_hybrid_convolution_variant)
