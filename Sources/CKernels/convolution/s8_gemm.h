// int8 convolution as a matrix product: the part that no ISA changes. Pixels are the rows, filters
// the columns, the taps of a filter the depth. A micro-kernel computes one tile of 4 pixels by 8
// channels; the driver finds the 4 patches of input and walks the blocks of 8 channels.
#ifndef CKERNELS_S8_GEMM_H
#define CKERNELS_S8_GEMM_H

#include "internal.h"

enum { K_TILE_PIXELS = 4, K_TILE_CHANNELS = 8 };

// Packed weights: for each group, for each block of n ≤ 8 channels
//   int8  weights[depth / step][n][step]   `step` taps of one channel side by side, zeros at the end
//   int32 offset[8]                        int8: bias − input_zero·Σw; hybrid: Σw
//   float scale[8]
//   float bias[8]                          hybrid only
// The last block of a group has only its own channels: a micro-kernel loads 8·step bytes all the
// same, which end inside `offset` and `scale` at worst, and does not store what comes of the excess.

/// Bytes from a block's start to its `offset`, and of all of it.
static inline size_t k_s8_block_weights(size_t depth, size_t step, int32_t n) {
    return k_round_up(k_round_up(depth, step) * (size_t)n, 4);
}
static inline size_t k_s8_block_bytes(size_t depth, size_t step, int32_t n, int hybrid) {
    return k_s8_block_weights(depth, step, n) + (hybrid ? 3 : 2) * K_TILE_CHANNELS * sizeof(float);
}

/// All blocks of all groups.
size_t k_s8_gemm_packed_bytes(const k_convolution_shape *, size_t step, int hybrid);

/// Packs n filters of `depth` weights; `sums` receives Σw of each, modulo 2³², and 0 for the rest
/// of the eight. Returns where `offset` goes.
void *k_s8_pack_filters(const int8_t *filters, size_t depth, size_t step, int32_t n, void *packed, int32_t sums[8]);

/// What a row of hybrid input was quantised with: x = scale · (q − zero).
typedef struct {
    float scale;
    int32_t zero;
} k_quantization;

/// The work of a micro-kernel.
typedef struct {
    const int8_t *patches[K_TILE_PIXELS]; // `depth` values each, of `pixels` pixels
    int32_t pixels, channels;             // 1…4, 1…8
    size_t depth;
    const void *packed; // the block
    void *output;       // of the first pixel and channel: int8, or float for hybrid
    size_t output_stride;
    float low, high;
    int32_t output_zero;                         // int8 only
    k_quantization quantization[K_TILE_PIXELS]; // hybrid only
} k_s8_tile;

typedef void (*k_s8_tile_function)(const k_s8_tile *);

/// The patch of a pixel and group: in the input itself where its taps lie in one piece, else
/// gathered into the `index`th of `patches`, `zero` for the taps outside the image.
const int8_t *k_s8_patch(const k_convolution_shape *, const int8_t *input, k_pixel, int32_t group, int32_t zero,
                         void *patches, int32_t index);

/// Whether any patch must be gathered; if not, `patches` is never touched. A convolution over time
/// whose kernel spans the whole width, as in streaming models, reads its input in place.
int k_s8_gathers(const k_convolution_shape *);

/// Bytes of one patch in the scratch area.
static inline size_t k_s8_patch_bytes(const k_convolution_shape *s) { return k_round_up(k_filter_size(s), 16); }

/// Runs the blocks of `group` over the patches in `tile`, and returns the packed weights after them.
/// `element` is the size of an output element; `output` the start of the first pixel.
const uint8_t *k_s8_tile_blocks(const k_convolution_shape *, k_s8_tile *tile, int32_t group, const uint8_t *packed,
                                size_t step, int hybrid, uint8_t *output, k_s8_tile_function);

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
