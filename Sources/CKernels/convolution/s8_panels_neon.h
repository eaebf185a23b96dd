// What the NEON micro-kernels over panels share: requantising a panel's row.
#ifndef CKERNELS_S8_PANELS_NEON_H
#define CKERNELS_S8_PANELS_NEON_H

#include <arm_neon.h>

#include "s8_panels.h"

#define K_INLINE static inline __attribute__((always_inline))

// The sixteen accumulators of a 4×16 tile in v16–v31, for loops that are written by hand because a
// compiler, left to choose, spills some of them.
#define K_TILE_REGISTERS(ACC)                                                                                          \
    register int32x4_t a0 __asm__("v16") = ACC[0], a1 __asm__("v17") = ACC[1], a2 __asm__("v18") = ACC[2];             \
    register int32x4_t a3 __asm__("v19") = ACC[3], a4 __asm__("v20") = ACC[4], a5 __asm__("v21") = ACC[5];             \
    register int32x4_t a6 __asm__("v22") = ACC[6], a7 __asm__("v23") = ACC[7], a8 __asm__("v24") = ACC[8];             \
    register int32x4_t a9 __asm__("v25") = ACC[9], a10 __asm__("v26") = ACC[10], a11 __asm__("v27") = ACC[11];         \
    register int32x4_t a12 __asm__("v28") = ACC[12], a13 __asm__("v29") = ACC[13], a14 __asm__("v30") = ACC[14];       \
    register int32x4_t a15 __asm__("v31") = ACC[15]
#define K_TILE_OPERANDS                                                                                                \
    "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), "+w"(a4), "+w"(a5), "+w"(a6), "+w"(a7), "+w"(a8), "+w"(a9), "+w"(a10),     \
        "+w"(a11), "+w"(a12), "+w"(a13), "+w"(a14), "+w"(a15)
#define K_TILE_BACK(ACC)                                                                                               \
    ACC[0] = a0, ACC[1] = a1, ACC[2] = a2, ACC[3] = a3, ACC[4] = a4, ACC[5] = a5, ACC[6] = a6, ACC[7] = a7;            \
    ACC[8] = a8, ACC[9] = a9, ACC[10] = a10, ACC[11] = a11, ACC[12] = a12, ACC[13] = a13, ACC[14] = a14, ACC[15] = a15

/// Four scaled accumulators as int16 each, which pack() proved they fit.
K_INLINE int16x8_t k_scale_neon(int32x4_t a, int32x4_t b, const float *scale) {
    int32x4_t y0 = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(a), vld1q_f32(scale)));
    int32x4_t y1 = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(b), vld1q_f32(scale + 4)));
    return vuzp1q_s16(vreinterpretq_s16_s32(y0), vreinterpretq_s16_s32(y1));
}

K_INLINE void k_store_panel_neon(const int32x4_t acc[4], const float *scale, int16x8_t zero, int8x16_t low,
                                 int8x16_t high, int8_t *output) {
    int16x8_t first = vaddq_s16(k_scale_neon(acc[0], acc[1], scale), zero);
    int16x8_t second = vaddq_s16(k_scale_neon(acc[2], acc[3], scale + 8), zero);
    int8x16_t y = vqmovn_high_s16(vqmovn_s16(first), second);
    vst1q_s8(output, vminq_s8(vmaxq_s8(y, low), high));
}

/// The same for a panel of n ≤ 8.
K_INLINE void k_store_half_panel_neon(const int32x4_t acc[2], const float *scale, int16x8_t zero, int8x16_t low,
                                      int8x16_t high, int8_t *output, int32_t n) {
    int8x8_t y = vqmovn_s16(vaddq_s16(k_scale_neon(acc[0], acc[1], scale), zero));
    y = vmin_s8(vmax_s8(y, vget_low_s8(low)), vget_low_s8(high));
    if (n == K_HALF_PANEL) {
        vst1_s8(output, y);
        return;
    }
    uint64_t bytes = vget_lane_u64(vreinterpret_u64_s8(y), 0);
#pragma clang loop vectorize(disable) unroll(disable)
    for (int32_t i = 0; i < n; i++, bytes >>= 8) output[i] = (int8_t)bytes;
}

/// The accumulators of a row side by side from the start.
K_INLINE void k_start_rows(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    for (int32_t h = 0; h < lanes / 4; h++) {
        acc[h] = vld1q_s32(bias + 4 * h);
        for (int32_t r = 1; r < rows; r++) acc[lanes / 4 * r + h] = acc[h];
    }
}

#endif
