// int8 convolution as a matrix product: the part that no ISA changes. Pixels are the rows, filters
// the columns, the taps of a filter the depth. A micro-kernel computes one tile of 4 pixels by 8
// channels; the driver finds the 4 patches of input and walks the blocks of 8 channels.
#ifndef CKERNELS_S8_GEMM_H
#define CKERNELS_S8_GEMM_H

#include "internal.h"

enum { K_TILE_PIXELS = 4, K_TILE_CHANNELS = 8 };

// Packed weights: for each group, for each block of n ≤ 8 channels
//   int8  weights[depth / step][n][step]   `step` taps of one channel side by side, zeros at the end
//   int32 offset[8]                        bias − input_zero·Σw
//   float scale[8]
// The last block of a group has only its own channels: a micro-kernel loads 8·step bytes all the
// same, which end inside `offset` and `scale` at worst, and does not store what comes of the excess.

/// Bytes from a block's start to its `offset`, and of all of it.
static inline size_t k_s8_block_weights(size_t depth, size_t step, int32_t n) {
    return k_round_up(k_round_up(depth, step) * (size_t)n, 4);
}
static inline size_t k_s8_block_bytes(size_t depth, size_t step, int32_t n) {
    return k_s8_block_weights(depth, step, n) + 2 * K_TILE_CHANNELS * sizeof(float);
}

/// The work of a micro-kernel.
typedef struct {
    const int8_t *patches[K_TILE_PIXELS]; // `depth` values each, of `pixels` pixels
    int32_t pixels, channels;             // 1…4, 1…8
    size_t depth;
    const void *packed; // the block
    int8_t *output;     // of the first pixel and channel
    size_t output_stride;
    float low, high;
    int32_t output_zero;
} k_s8_tile;

typedef void (*k_s8_tile_function)(const k_s8_tile *);

/// Whether any patch must be gathered; if not, `patches` is never touched. A convolution over time
/// whose kernel spans the whole width, as in streaming models, reads its input in place.
int k_s8_gathers(const k_convolution_shape *);

/// Bytes of one patch in the scratch area.
static inline size_t k_s8_patch_bytes(const k_convolution_shape *s) { return k_round_up(k_filter_size(s), 16); }

/// Packing and driver of the int8 variants with a step of 2.
size_t k_s8_gemm_c2_packed_bytes(const k_convolution_shape *);
void k_s8_gemm_c2_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias, const float *scale,
                       int32_t input_zero, void *packed);
/// One block of n ≤ 8 filters; returns what is behind it.
void *k_s8_gemm_c2_block(const int8_t *filters, size_t depth, int32_t n, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed);
size_t k_s8_gemm_scratch_bytes(const k_convolution_shape *);
void k_s8_gemm(const k_s8_convolution *, size_t step, k_s8_tile_function);

#endif
