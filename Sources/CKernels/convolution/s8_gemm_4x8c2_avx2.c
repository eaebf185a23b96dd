#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "s8_gemv.h"

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

K_AVX2 static void tile(const k_s8_tile *t) {
    __m256i acc[K_TILE_PIXELS];
    accumulate(t, acc);
    const int32_t *offset =
        (const int32_t *)((const uint8_t *)t->packed + k_s8_block_weights(t->depth, 2, t->channels));
    const __m256i offsets = _mm256_loadu_si256((const __m256i *)offset);
    const __m256 scale = _mm256_loadu_ps((const float *)(offset + K_TILE_CHANNELS));
    for (int32_t r = 0; r < t->pixels; r++) {
        __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_add_epi32(acc[r], offsets)), scale);
        v = _mm256_min_ps(_mm256_max_ps(v, _mm256_set1_ps(t->low)), _mm256_set1_ps(t->high));
        __m256i y = _mm256_add_epi32(_mm256_cvtps_epi32(v), _mm256_set1_epi32(t->output_zero));
        __m128i y16 = _mm_packs_epi32(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
        int64_t y8 = _mm_cvtsi128_si64(_mm_packs_epi16(y16, y16));
        int8_t *output = t->output + (size_t)r * t->output_stride;
        if (t->channels == K_TILE_CHANNELS)
            memcpy(output, &y8, sizeof y8);
        else
            memcpy(output, &y8, (size_t)t->channels);
    }
}

/// int8 convolution with AVX2, 4 pixels by 8 channels, two taps at a time.
void s8_gemm_4x8c2_avx2(const void *block) {
    k_s8_convolution b = *(const k_s8_convolution *)block;
    if (k_s8_is_gemv(b.weights)) {
        s8_gemv_16_avx2(block);
        return;
    }
    b.weights = (const uint8_t *)b.weights + K_PANEL_HEADER;
    k_s8_gemm(&b, 2, tile);
}
#endif
