// What the AVX-512 VNNI kernels share: requantising sixteen accumulators.
#ifndef CKERNELS_S8_VNNI_H
#define CKERNELS_S8_VNNI_H

#include <immintrin.h>

#include "s8_panels.h"

#define K_VNNI __attribute__((target("avx512vnni,avx512vl,avx512bw,avx512dq")))
#define K_INLINE_VNNI K_VNNI static inline __attribute__((always_inline))

typedef struct {
    __m512i zero, low, high;
} k_clamps_vnni;

K_INLINE_VNNI k_clamps_vnni k_clamps_of(int32_t zero, int32_t low, int32_t high) {
    return (k_clamps_vnni){_mm512_set1_epi32(zero), _mm512_set1_epi32(low), _mm512_set1_epi32(high)};
}

/// pack() proved that nothing overflows, so the clamps may come after the rounding.
K_INLINE_VNNI __m128i k_scale_vnni(__m512i acc, __m512 scale, k_clamps_vnni c) {
    __m512i y = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), scale));
    y = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(y, c.zero), c.low), c.high);
    return _mm512_cvtepi32_epi8(y);
}

#endif
