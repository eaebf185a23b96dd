// The accumulators of a 4×8 tile with NEON: what the int8 and the hybrid micro-kernel have in common.
#ifndef CKERNELS_S8_TILE_NEON_H
#define CKERNELS_S8_TILE_NEON_H

#include <arm_neon.h>

#include "s8_gemm.h"

#define K_INLINE static inline __attribute__((always_inline))

/// One pair of taps: x holds it in each of its four int16 lanes. Exact: a product of two int8 fits
/// int16 even at −128·−128, and sadalp widens as it adds.
K_INLINE void multiply_pair(int32x4_t acc[2], int16x4_t x, int8x16_t w) {
    int8x8_t pair = vreinterpret_s8_s16(x);
    acc[0] = vpadalq_s16(acc[0], vmull_s8(pair, vget_low_s8(w)));
    acc[1] = vpadalq_s16(acc[1], vmull_s8(pair, vget_high_s8(w)));
}

/// acc[r] = Σ x·w of patch r, channels 0–3 and 4–7.
K_INLINE void accumulate_rows(const k_s8_tile *t, int32_t rows, int32x4_t acc[K_TILE_PIXELS][2]) {
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

/// For where size matters more: any number of pixels in one loop.
static inline void accumulate_small(const k_s8_tile *t, int32x4_t acc[K_TILE_PIXELS][2]) {
    accumulate_rows(t, t->pixels, acc);
}

/// A loop of known length per count of pixels keeps the accumulators in registers.
K_INLINE void accumulate(const k_s8_tile *t, int32x4_t acc[K_TILE_PIXELS][2]) {
    switch (t->pixels) {
    case 1: accumulate_rows(t, 1, acc); break;
    case K_TILE_PIXELS: accumulate_rows(t, K_TILE_PIXELS, acc); break;
    default: accumulate_small(t, acc); break;
    }
}

#endif
