#if defined(__aarch64__)
#include "kernels.h"
#include "s8_gemm.h"
#include "s8_requantise_neon.h"
#include "../small.h"

K_SMALL_BEGIN

/// One pair of taps: x holds it in each of its four int16 lanes. Exact: a product of two int8 fits
/// int16 even at −128·−128, and sadalp widens as it adds.
static inline void multiply_pair(int32x4_t acc[2], int16x4_t x, int8x16_t w) {
    int8x8_t pair = vreinterpret_s8_s16(x);
    acc[0] = vpadalq_s16(acc[0], vmull_s8(pair, vget_low_s8(w)));
    acc[1] = vpadalq_s16(acc[1], vmull_s8(pair, vget_high_s8(w)));
}

/// acc[r] = Σ x·w of patch r, channels 0–3 and 4–7.
static void accumulate(const k_s8_tile *t, int32_t rows, int32x4_t acc[K_TILE_PIXELS][2]) {
    const int8_t *w = t->packed;
    const size_t step = 2 * (size_t)t->channels;
    size_t k = 0;
    for (int32_t r = 0; r < rows; r++) acc[r][0] = acc[r][1] = vdupq_n_s32(0);
    for (; k + 8 <= t->depth; k += 8, w += 4 * step) {
        int8x16_t w0 = vld1q_s8(w), w1 = vld1q_s8(w + step);
        int8x16_t w2 = vld1q_s8(w + 2 * step), w3 = vld1q_s8(w + 3 * step);
        for (int32_t r = 0; r < rows; r++) {
            int16x4_t x = vreinterpret_s16_s8(vld1_s8(t->patches[r] + k));
            multiply_pair(acc[r], vdup_lane_s16(x, 0), w0);
            multiply_pair(acc[r], vdup_lane_s16(x, 1), w1);
            multiply_pair(acc[r], vdup_lane_s16(x, 2), w2);
            multiply_pair(acc[r], vdup_lane_s16(x, 3), w3);
        }
    }
    for (; k < t->depth; k += 2, w += step) {
        int8x16_t pairs = vld1q_s8(w);
        for (int32_t r = 0; r < rows; r++) {
            const int8_t *x = t->patches[r] + k;
            // An odd depth's last value has no neighbour that may be read.
            uint32_t pair = (uint8_t)x[0] | (k + 1 < t->depth ? (uint32_t)(uint8_t)x[1] << 8 : 0);
            multiply_pair(acc[r], vdup_n_s16((int16_t)(uint16_t)pair), pairs);
        }
    }
}

static void tile(const k_s8_tile *t) {
    int32x4_t acc[K_TILE_PIXELS][2];
    accumulate(t, t->pixels, acc);
    const int32_t *offset =
        (const int32_t *)((const uint8_t *)t->packed + k_s8_block_weights(t->depth, 2, t->channels));
    const float *scale = (const float *)(offset + K_TILE_CHANNELS);
    for (int32_t r = 0; r < t->pixels; r++) {
        acc[r][0] = vaddq_s32(acc[r][0], vld1q_s32(offset));
        acc[r][1] = vaddq_s32(acc[r][1], vld1q_s32(offset + 4));
        k_requantise_store_neon(acc[r], scale, t->low, t->high, t->output_zero,
                                t->output + (size_t)r * t->output_stride, t->channels);
    }
}

/// int8 convolution with NEON, 4 pixels by 8 channels, two taps at a time: for what pack() of the faster ones could not prove.
void s8_gemm_4x8c2_neon(const void *block) { k_s8_gemm(block, 2, tile); }
K_SMALL_END
#endif
