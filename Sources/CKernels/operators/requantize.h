// What kernels share, and nobody else sees.
#ifndef K_REQUANTIZE_H
#define K_REQUANTIZE_H

#include <math.h>
#include <stdint.h>

// Every ISA and every build must give the same bits: no multiply and add may be fused behind our back.
#pragma STDC FP_CONTRACT OFF

/// round_half_even(acc · scale) clamped to low … high, around output_zero: the one requantisation of
/// the integer kernels (as XNNPACK's fp32 scheme). Clamped as a float first, so nothing overflows.
static inline int32_t requantize(int32_t acc, float scale, int32_t zero, int32_t low, int32_t high) {
    float x = (float)acc * scale;
    const float minimum = (float)(low - zero), maximum = (float)(high - zero);
    x = x > minimum ? x : minimum;
    x = x < maximum ? x : maximum;
    return (int32_t)lrintf(x) + zero;
}

#endif
