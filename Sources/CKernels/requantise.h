// The one requantisation of the integer kernels, and the promise that floats have the same bits everywhere.
#ifndef CKERNELS_REQUANTISE_H
#define CKERNELS_REQUANTISE_H

#include <math.h>
#include <stdint.h>

// The bits must not depend on the flags of whoever compiles this, nor on the ISA: no multiplication and
// addition may be fused behind our back.
#pragma STDC FP_CONTRACT OFF

/// clamp(round_half_even(acc · scale), low, high) + output_zero, the bounds relative to output_zero; as
/// XNNPACK's fp32 scheme. Clamped as a float first, so nothing overflows. The comparisons are in the order
/// of x86's maxps and minps, and of FMAXNM and FMINNM for a quiet NaN: a NaN becomes `low`.
static inline int8_t k_requantise(int32_t acc, float scale, float low, float high, int32_t output_zero) {
    float v = (float)acc * scale;
    v = v > low ? v : low;
    v = v < high ? v : high;
    return (int8_t)((int32_t)lrintf(v) + output_zero);
}

#endif
