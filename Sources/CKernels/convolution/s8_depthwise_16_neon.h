// What the depthwise kernels of sixteen channels share on AArch64.
#ifndef CKERNELS_S8_DEPTHWISE_16_NEON_H
#define CKERNELS_S8_DEPTHWISE_16_NEON_H

#include "s8_depthwise_16.h"
#include "s8_depthwise_sliding.h"
#include "s8_panels_neon.h"

/// What one block of sixteen channels needs.
typedef struct {
    const int8_t *weights;
    const int32_t *folded, *bias;
    const float *scale;
    ptrdiff_t channels;
    int16x8_t zero;
    int8x16_t low, high, input_zero;
} block16;

K_INLINE void store(const block16 *b, const int32x4_t acc[4], int8_t *output) {
    k_store_panel_neon(acc, b->scale, b->zero, b->low, b->high, output);
}

K_INLINE void load4(const int32_t *from, int32x4_t acc[4]) {
    for (int i = 0; i < 4; i++) acc[i] = vld1q_s32(from + 4 * i);
}

/// What one kernel does with a layer: of 3×3, stride 1 or 2 along rows; of lines, or of one input channel, packed as panels.
typedef struct {
    void (*planes)(const k_s8_convolution *, block16);
    const k_s8_slider *slider;
    k_function panels;
} k_s8_depthwise_ways;

/// Runs a layer packed by k_s8_depthwise_16_pack.
void k_s8_depthwise_16_neon(const k_s8_convolution *, const k_s8_depthwise_ways *);

/// Layers of one input channel with rows of eight taps, packed as panels with a step of 2.
int k_s8_depthwise_has_rows(const k_convolution_shape *);
void k_s8_depthwise_rows_neon(const k_s8_convolution *);

#endif
