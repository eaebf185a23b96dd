// k_requantise for eight channels with NEON.
#ifndef CKERNELS_S8_REQUANTISE_NEON_H
#define CKERNELS_S8_REQUANTISE_NEON_H

#include <arm_neon.h>

#include "internal.h"

static inline int32x4_t k_requantise_neon(int32x4_t acc, float32x4_t scale, float low, float high) {
    float32x4_t v = vmulq_f32(vcvtq_f32_s32(acc), scale);
    // FMAXNM and FMINNM take the number where the other is a quiet NaN, as the reference does.
    v = vminnmq_f32(vmaxnmq_f32(v, vdupq_n_f32(low)), vdupq_n_f32(high));
    return vcvtnq_s32_f32(v);
}

/// Eight accumulators to `n` ≤ 8 bytes at `output`.
static inline void k_requantise_store_neon(const int32x4_t acc[2], const float *scale, float low, float high,
                                           int32_t output_zero, int8_t *output, int32_t n) {
    int16x8_t y = vcombine_s16(vqmovn_s32(k_requantise_neon(acc[0], vld1q_f32(scale), low, high)),
                               vqmovn_s32(k_requantise_neon(acc[1], vld1q_f32(scale + 4), low, high)));
    int8x8_t bytes = vqmovn_s16(vaddq_s16(y, vdupq_n_s16((int16_t)output_zero)));
    if (n == 8) {
        vst1_s8(output, bytes);
    } else {
        int8_t all[8];
        vst1_s8(all, bytes);
        memcpy(output, all, (size_t)n);
    }
}

#endif
