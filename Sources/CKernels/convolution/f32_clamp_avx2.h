// k_clamp for eight channels with AVX2.
#ifndef CKERNELS_F32_CLAMP_AVX2_H
#define CKERNELS_F32_CLAMP_AVX2_H

#include <immintrin.h>

#include "internal.h"

/// Clamps and stores `n` ≤ 8 floats.
K_AVX2 static inline __attribute__((always_inline)) void k_clamp_store_avx2(__m256 v, float low, float high,
                                                                            float *output, int32_t n) {
    const __m256 nan = _mm256_set1_ps(__builtin_nanf("")), is_nan = _mm256_cmp_ps(v, v, _CMP_UNORD_Q);
    // maxps(a, b) is a > b ? a : b.
    v = _mm256_min_ps(_mm256_set1_ps(high), _mm256_max_ps(_mm256_set1_ps(low), v));
    v = _mm256_blendv_ps(v, nan, is_nan);
    if (n == 8) {
        _mm256_storeu_ps(output, v);
    } else {
        float all[8];
        _mm256_storeu_ps(all, v);
        memcpy(output, all, (size_t)n * sizeof *all);
    }
}

#endif
