#if defined(__x86_64__)
#include "f32_clamp_avx2.h"
#include "hybrid.h"
#include "kernels.h"
#include "s8_tile_4x8c2_avx2.h"

K_AVX2 static void tile(const k_s8_tile *t) {
    __m256i acc[K_TILE_PIXELS];
    accumulate(t, acc);
    const int32_t *offset =
        (const int32_t *)((const uint8_t *)t->packed + k_s8_block_weights(t->depth, 2, t->channels));
    const __m256i sums = _mm256_loadu_si256((const __m256i *)offset);
    const __m256 scale = _mm256_loadu_ps((const float *)(offset + K_TILE_CHANNELS));
    const __m256 bias = _mm256_loadu_ps((const float *)(offset + 2 * K_TILE_CHANNELS));
    for (int32_t r = 0; r < t->pixels; r++) {
        const k_quantization q = t->quantization[r];
        __m256i sum = _mm256_sub_epi32(acc[r], _mm256_mullo_epi32(sums, _mm256_set1_epi32(q.zero)));
        __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_set1_ps(q.scale));
        k_clamp_store_avx2(_mm256_fmadd_ps(v, scale, bias), t->low, t->high,
                           (float *)t->output + (size_t)r * t->output_stride, t->channels);
    }
}

/// Hybrid convolution with AVX2: the int8 tile, a float end.
void hybrid_gemm_4x8c2_avx2(const void *block) { k_hybrid_gemm(block, 2, tile); }
#endif
