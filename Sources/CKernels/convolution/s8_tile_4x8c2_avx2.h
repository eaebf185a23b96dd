// The accumulators of a 4×8 tile with AVX2: what the int8 and the hybrid micro-kernel have in common.
#ifndef CKERNELS_S8_TILE_AVX2_H
#define CKERNELS_S8_TILE_AVX2_H

#include <immintrin.h>

#include "s8_gemm.h"

#define K_INLINE_AVX2 K_AVX2 static inline __attribute__((always_inline))

/// acc[r] = Σ x·w of patch r: int8 widened to int16, pairs of products summed by vpmaddwd. Exact:
/// 2·128·128 is far from 2³¹, and the running sum wraps as the reference's.
K_INLINE_AVX2 void accumulate_rows(const k_s8_tile *t, int32_t rows, __m256i acc[K_TILE_PIXELS]) {
    const int8_t *w = t->packed;
    const size_t step = 2 * (size_t)t->channels;
    size_t k = 0;
    for (int32_t r = 0; r < rows; r++) acc[r] = _mm256_setzero_si256();
    for (; k + 8 <= t->depth; k += 8, w += 4 * step) {
        __m256i w0 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)w));
        __m256i w1 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + step)));
        __m256i w2 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + 2 * step)));
        __m256i w3 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + 3 * step)));
        for (int32_t r = 0; r < rows; r++) {
            int64_t eight;
            memcpy(&eight, t->patches[r] + k, sizeof eight);
            // Both halves hold the same four pairs, so that a shuffle within halves broadcasts one.
            __m256i x = _mm256_cvtepi8_epi16(_mm_set1_epi64x(eight));
            acc[r] = _mm256_add_epi32(acc[r], _mm256_madd_epi16(_mm256_shuffle_epi32(x, 0x00), w0));
            acc[r] = _mm256_add_epi32(acc[r], _mm256_madd_epi16(_mm256_shuffle_epi32(x, 0x55), w1));
            acc[r] = _mm256_add_epi32(acc[r], _mm256_madd_epi16(_mm256_shuffle_epi32(x, 0xaa), w2));
            acc[r] = _mm256_add_epi32(acc[r], _mm256_madd_epi16(_mm256_shuffle_epi32(x, 0xff), w3));
        }
    }
    for (; k < t->depth; k += 2, w += step) {
        __m256i pairs = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)w));
        for (int32_t r = 0; r < rows; r++) {
            const int8_t *x = t->patches[r] + k;
            // An odd depth's last value has no neighbour that may be read.
            uint32_t pair = (uint16_t)x[0] | (k + 1 < t->depth ? (uint32_t)(uint16_t)x[1] << 16 : 0);
            acc[r] = _mm256_add_epi32(acc[r], _mm256_madd_epi16(_mm256_set1_epi32((int32_t)pair), pairs));
        }
    }
}

/// A loop of known length per count of pixels keeps the accumulators in registers.
K_INLINE_AVX2 void accumulate(const k_s8_tile *t, __m256i acc[K_TILE_PIXELS]) {
    switch (t->pixels) {
    case 1: accumulate_rows(t, 1, acc); break;
    case 2: accumulate_rows(t, 2, acc); break;
    case 3: accumulate_rows(t, 3, acc); break;
    default: accumulate_rows(t, 4, acc); break;
    }
}

#endif
