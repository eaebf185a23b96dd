// k_clamp for sixteen channels with AVX-512.
#ifndef CKERNELS_F32_CLAMP_AVX512_H
#define CKERNELS_F32_CLAMP_AVX512_H

#include <immintrin.h>

#include "internal.h"

#define K_AVX512 __attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw")))

/// Clamps, and stores those of `mask`.
K_AVX512 static inline __attribute__((always_inline)) void k_clamp_store_avx512(__m512 v, float low, float high, float *output,
                                                                                __mmask16 mask) {
    const __mmask16 is_nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    // maxps(a, b) is a > b ? a : b.
    v = _mm512_min_ps(_mm512_set1_ps(high), _mm512_max_ps(_mm512_set1_ps(low), v));
    _mm512_mask_storeu_ps(output, mask, _mm512_mask_blend_ps(is_nan, v, _mm512_set1_ps(__builtin_nanf(""))));
}

#endif
