#if defined(__aarch64__)
#include "kernels.h"
#include "s8_requantise_neon.h"
#include "s8_tile_4x8c2_neon.h"
#include "../small.h"

K_SMALL_BEGIN

static void tile(const k_s8_tile *t) {
    int32x4_t acc[K_TILE_PIXELS][2];
    accumulate_small(t, acc);
    const int32_t *offset =
        (const int32_t *)((const uint8_t *)t->packed + k_s8_block_weights(t->depth, 2, t->channels));
    const float *scale = (const float *)(offset + K_TILE_CHANNELS);
    for (int32_t r = 0; r < t->pixels; r++) {
        acc[r][0] = vaddq_s32(acc[r][0], vld1q_s32(offset));
        acc[r][1] = vaddq_s32(acc[r][1], vld1q_s32(offset + 4));
        k_requantise_store_neon(acc[r], scale, t->low, t->high, t->output_zero,
                                (int8_t *)t->output + (size_t)r * t->output_stride, t->channels);
    }
}

/// int8 convolution with NEON, 4 pixels by 8 channels, two taps at a time: for what pack() of the faster ones could not prove.
void s8_gemm_4x8c2_neon(const void *block) { k_s8_gemm(block, 2, tile); }
K_SMALL_END
#endif
