#if defined(__aarch64__)
#include "kernels.h"
#include "s8_depthwise_16_neon.h"
#include "s8_depthwise_line.h"

#define TARGET __attribute__((target("dotprod")))
enum { COLUMN = 4, TAPS = 12, BLOCK_WEIGHTS = K_DOT_TAPS };

/// A column as sdot wants it: for each channel its three taps and one that meets a weight of 0,
/// sixteen channels in four vectors.
TARGET K_INLINE void spread(const int8x16_t rows[3], int8x16_t column[COLUMN]) {
    const int16x8_t low = vreinterpretq_s16_s8(vzip1q_s8(rows[0], rows[1]));
    const int16x8_t high = vreinterpretq_s16_s8(vzip2q_s8(rows[0], rows[1]));
    const int16x8_t last_low = vreinterpretq_s16_s8(vzip1q_s8(rows[2], rows[2]));
    const int16x8_t last_high = vreinterpretq_s16_s8(vzip2q_s8(rows[2], rows[2]));
    column[0] = vreinterpretq_s8_s16(vzip1q_s16(low, last_low));
    column[1] = vreinterpretq_s8_s16(vzip2q_s16(low, last_low));
    column[2] = vreinterpretq_s8_s16(vzip1q_s16(high, last_high));
    column[3] = vreinterpretq_s8_s16(vzip2q_s16(high, last_high));
}

TARGET K_INLINE void load_weights(const int8_t *weights, ptrdiff_t channels, int8x16_t w[TAPS]) {
    (void)channels;
    for (int i = 0; i < TAPS; i++) w[i] = vld1q_s8(weights + 16 * i);
}

TARGET K_INLINE void multiply(int32x4_t acc[4], const int8x16_t w[TAPS], const int8x16_t l[COLUMN],
                              const int8x16_t m[COLUMN], const int8x16_t r[COLUMN]) {
    for (int i = 0; i < 4; i++)
        acc[i] = vdotq_s32(vdotq_s32(vdotq_s32(acc[i], l[i], w[i]), m[i], w[4 + i]), r[i], w[8 + i]);
}

// Bounded by the requantisation: 21 of a pixel's some 55 instructions, of which 12 are sdot.
#include "s8_depthwise_3x3_neon.h"

/// int8 depthwise convolution with NEON's dot products, sixteen channels at a time.
void s8_depthwise_16_neondot(const void *block) {
    if (k_s8_is_line(((const k_s8_convolution *)block)->weights))
        s8_depthwise_line_neon(block);
    else
        k_s8_depthwise_16_neon(block, planes_3x3, s8_gemm_4x16_neondot);
}
#endif
