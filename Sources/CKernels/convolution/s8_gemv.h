// int8 layers of one pixel whose taps lie side by side in the input, as a fully connected layer's do
// and those of a streaming model: a matrix times a vector. All that the panels' driver (s8_panels.c) works out for
// each call is known here when the weights are packed.
#ifndef CKERNELS_S8_GEMV_H
#define CKERNELS_S8_GEMV_H

#include "s8_panels.h"

// Packed: k_s8_gemv_header in K_PANEL_HEADER bytes, then panels of sixteen filters, as those of s8_panels.h but instead of
// chains, for a step of 2,
//   uint8 runs[…]          of groups of 8 taps whose sums of each lane's products fit int16, until one of 0; none, if
//                          runs are too short
// The last one overlaps the one before where more than eight filters are left. Up to eight, or all where
// there are fewer than sixteen, are packed one by one:
//   int32 bias[16], float scale[16]
//   int8  weights[filters][depth / 16][16]
// Units of 8 or 16 taps are whole: the last one ends with the taps, and has zeros for those that the unit before
// it had already. Fewer than 16 taps are copied, and followed by zeros.
enum { K_GEMV_UNIT = 16, K_GEMV = 2 };

typedef struct {
    int32_t kind; // K_GEMV; k_s8_proved for other layers
    int32_t depth, filters;
} k_s8_gemv_header;

static inline int k_s8_is_gemv(const void *packed) { return ((const k_s8_gemv_header *)packed)->kind == K_GEMV; }

static inline size_t k_gemv_run_bytes(size_t groups) { return k_round_up(groups + 1, 4); }

static inline int32_t k_gemv_panels(int32_t filters) {
    return filters < K_PANEL ? 0 : filters / K_PANEL + (filters % K_PANEL > K_HALF_PANEL);
}

/// A few bytes: a call of memcpy would cost more.
static inline void k_s8_gemv_copy(const int8_t *from, int32_t n, int8_t *to) {
#pragma clang loop vectorize(disable) unroll(disable)
    for (int32_t i = 0; i < n; i++) to[i] = from[i];
}

/// Fewer than 16 taps, with zeros behind them.
static inline const int8_t *k_s8_gemv_few(const int8_t *x, int32_t depth, int8_t few[K_GEMV_UNIT]) {
    memset(few, 0, K_GEMV_UNIT);
    k_s8_gemv_copy(x, depth, few);
    return few;
}

/// 0 for layers of another kind.
size_t k_s8_gemv_packed_bytes(const k_convolution_shape *);

/// Returns whether the layer is of this kind, a scaled accumulator fits int16, and, if `narrow`, no weight is −128, so
/// that a sum of two products fits int16 too; and packs it then, header and all. `fold` and `step` as in k_s8_panels_pack.
int k_s8_gemv_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias, const float *scale,
                   int32_t fold, size_t step, int narrow, void *packed);

#if defined(__x86_64__)
// For AVX2, whose other layers are those of s8_gemm.h, behind an empty header.
size_t k_s8_gemv_avx2_packed_bytes(const k_convolution_shape *);
void k_s8_gemv_avx2_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed);
#endif

#endif
