// Depthwise layers whose taps lie one behind the other: convolutions over time, and what streaming models make of them
// for the newest frame. AArch64 only.
#ifndef CKERNELS_S8_DEPTHWISE_LINE_H
#define CKERNELS_S8_DEPTHWISE_LINE_H

#include "s8_depthwise_16.h"

// Packed: k_s8_line_header, then for each block of n channels, which is 32 where there are so many and more than 16 are left,
// else 16:
//   int32 bias[n]              with the input's zero point folded in
//   float scale[n]
//   int8  weights[taps][n]
// The last block overlaps the one before instead of being shorter.
typedef struct {
    int32_t kind; // K_DEPTHWISE_LINE
    int32_t taps, step; // elements from one tap to the next
    int32_t axis;       // along which taps may lie outside
} k_s8_line_header;

size_t k_s8_depthwise_line_bytes(const k_convolution_shape *);
/// Returns whether the layer is one of ours, and packs it, header and all.
int k_s8_depthwise_line_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                             const float *scale, int32_t input_zero, void *packed);

static inline int k_s8_is_line(const void *packed) { return *(const int32_t *)packed == K_DEPTHWISE_LINE; }

#endif
