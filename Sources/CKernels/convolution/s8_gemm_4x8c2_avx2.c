#if defined(__x86_64__)
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_tile_4x8c2_avx2.h"

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
        int8_t *output = (int8_t *)t->output + (size_t)r * t->output_stride;
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
