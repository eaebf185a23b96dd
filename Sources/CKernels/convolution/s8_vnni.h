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

K_INLINE_VNNI __m512i k_round_vnni(__m512i acc, __m512 scale) {
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), scale));
}

/// pack() proved that nothing overflows, so the clamps may come after the rounding.
K_INLINE_VNNI __m128i k_scale_vnni(__m512i acc, __m512 scale, k_clamps_vnni c) {
    __m512i y = k_round_vnni(acc, scale);
    y = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(y, c.zero), c.low), c.high);
    return _mm512_cvtepi32_epi8(y);
}

/// Puts in order what packing twice leaves: four bytes of each of four vectors in every quarter.
K_INLINE_VNNI __m512i k_order4_vnni(void) {
    return _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

/// The same for four times sixteen: the zero point as 16 bits, the clamps as bytes.
typedef struct {
    __m512i zero, low, high, order;
} k_clamps4_vnni;

K_INLINE_VNNI k_clamps4_vnni k_clamps4_of(int32_t zero, int32_t low, int32_t high) {
    return (k_clamps4_vnni){_mm512_set1_epi16((int16_t)zero), _mm512_set1_epi8((int8_t)low), _mm512_set1_epi8((int8_t)high),
                            k_order4_vnni()};
}

/// Of rounded sums, as packing leaves them, and in order.
K_INLINE_VNNI __m512i k_clamp4_in_place_vnni(__m512i a, __m512i b, __m512i c, __m512i d, k_clamps4_vnni k) {
    const __m512i ab = _mm512_adds_epi16(_mm512_packs_epi32(a, b), k.zero);
    const __m512i cd = _mm512_adds_epi16(_mm512_packs_epi32(c, d), k.zero);
    return _mm512_min_epi8(_mm512_max_epi8(_mm512_packs_epi16(ab, cd), k.low), k.high);
}
K_INLINE_VNNI __m512i k_clamp4_vnni(__m512i a, __m512i b, __m512i c, __m512i d, k_clamps4_vnni k) {
    return _mm512_permutexvar_epi32(k.order, k_clamp4_in_place_vnni(a, b, c, d, k));
}

#endif
