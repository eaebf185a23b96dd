#if defined(__aarch64__)
#include "f32_clamp_neon.h"
#include "hybrid.h"
#include "kernels.h"
#include "s8_tile_4x8c2_neon.h"

static void tile(const k_s8_tile *t) {
    int32x4_t acc[K_TILE_PIXELS][2];
    accumulate(t, acc);
    const int32_t *sums =
        (const int32_t *)((const uint8_t *)t->packed + k_s8_block_weights(t->depth, 2, t->channels));
    const float *scale = (const float *)(sums + K_TILE_CHANNELS), *bias = scale + K_TILE_CHANNELS;
    for (int32_t r = 0; r < t->pixels; r++) {
        const k_quantization q = t->quantization[r];
        float32x4_t v[2];
        for (int32_t h = 0; h < 2; h++) {
            int32x4_t sum = vmlsq_n_s32(acc[r][h], vld1q_s32(sums + 4 * h), q.zero);
            v[h] = vmulq_n_f32(vcvtq_f32_s32(sum), q.scale);
            v[h] = vfmaq_f32(vld1q_f32(bias + 4 * h), v[h], vld1q_f32(scale + 4 * h));
        }
        k_clamp_store_neon(v, t->low, t->high, (float *)t->output + (size_t)r * t->output_stride, t->channels);
    }
}

/// Hybrid convolution with NEON: the int8 tile, a float end.
void hybrid_gemm_4x8c2_neon(const void *block) { k_hybrid_gemm(block, 2, tile); }
#endif
