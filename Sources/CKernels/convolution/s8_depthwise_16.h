// int8 depthwise convolution, sixteen channels at a time: packing, and the choice of a way by shape.
#ifndef CKERNELS_S8_DEPTHWISE_16_H
#define CKERNELS_S8_DEPTHWISE_16_H

#include "plain.h"
#include "s8_panels.h"

// Packed: int32 kind (and 12 bytes unused), then what the kind says.
enum {
    K_DEPTHWISE_PLAIN,    // plain.h: nothing could be proved, or few channels, or a multiplier
    K_DEPTHWISE_PANELS,   // s8_panels.h: one input channel
    K_DEPTHWISE_CHANNELS, // k_s8_channels: multiplier 1, 16 channels or more, or what s8_depthwise_flat.h takes; no
                          // weight is −128, and a scaled accumulator fits int16
    K_DEPTHWISE_PAIRS,    // k_s8_channels of sixteen, the eight twice: 3×3 of stride 1 along rows
    K_DEPTHWISE_LINE,     // s8_depthwise_line.h: the same, one line of taps; AArch64 only
};

enum {
    K_DEPTHWISE_PATCHES = 1024, // bytes of patches that may stand on the stack
    K_PAIRS_BAND = 4096,        // bytes of three rows with their padding that may stand on the stack
    K_DOT_TAPS = 12,            // bytes of a channel's weights for dot products
};

/// Whether a 3×3 layer is walked down its columns and not along its rows: the longer runs.
static inline int k_s8_depthwise_upright(const k_convolution_shape *s) {
#if defined(__aarch64__)
    return s->output_height > s->output_width;
#else
    (void)s;
    return 0;
#endif
}

/// Whether the kernels of 3×3 can do it.
static inline int k_s8_depthwise_is_3x3(const k_convolution_shape *s) {
    const int upright = k_s8_depthwise_upright(s);
    return s->kernel_height == 3 && s->kernel_width == 3 && s->dilation_height == 1 && s->dilation_width == 1 &&
           (upright ? s->stride_height : s->stride_width) <= 2 && (upright ? s->pad_top : s->pad_left) <= 1 &&
           (upright ? s->input_height : s->input_width) >= 2;
}

typedef struct {
    const int32_t *bias, *folded; // the latter with the input's zero point folded in, all that 3×3 needs: then both are one
    const float *scale;
    // In the order of the model; for dot products of 3×3, for each block of sixteen channels
    // [column][channel][4], the three of a column (of a row, if upright) and 0; the last block may overlap the
    // one before.
    const int8_t *weights;
} k_s8_channels;

static inline k_s8_channels k_s8_channels_view(const k_convolution_shape *s, const void *packed) {
    const size_t n = (size_t)s->output_channels;
    const int32_t *bias = packed, *folded = k_s8_depthwise_is_3x3(s) ? bias : bias + n;
    return (k_s8_channels){bias, folded, (const float *)(folded + n), (const int8_t *)(folded + 2 * n)};
}

/// A layer of eight channels whose pixels are taken in pairs: sixteen channels, of which `pairs` outputs come from the
/// three rows of a band, two columns apart.
static inline k_convolution_shape k_s8_pairs_shape(const k_convolution_shape *s, int32_t pairs) {
    return (k_convolution_shape){
        .batches = 1, .input_height = 3, .input_width = 2 * pairs + 1, .input_channels = K_PANEL, .output_height = 1,
        .output_width = pairs, .output_channels = K_PANEL, .kernel_height = 3, .kernel_width = 3, .stride_height = 1,
        .stride_width = 2, .dilation_height = 1, .dilation_width = 1, .groups = K_PANEL,
        .input_pixel_stride = K_HALF_PANEL, .input_row_stride = (s->output_width + 2) * K_HALF_PANEL};
}

/// Runs such a layer, row by row, by a kernel for the pairs of one.
void k_s8_depthwise_pairs(const k_s8_convolution *, void (*run)(const k_s8_convolution *, const void *context),
                          const void *context);

size_t k_s8_depthwise_16_packed_bytes(const k_convolution_shape *, size_t step);
/// `fold` as in k_s8_panels_pack, for panels and for dot products; taps of other windows are as they are.
void k_s8_depthwise_16_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                            const float *scale, int32_t input_zero, int32_t fold, size_t step, void *packed);

// The table's functions, for a step of 2 and of 4 (dot products).
size_t k_s8_depthwise_c2_packed_bytes(const k_convolution_shape *);
void k_s8_depthwise_c2_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                            const float *scale, int32_t input_zero, void *packed);
size_t k_s8_depthwise_c4_packed_bytes(const k_convolution_shape *);
void k_s8_depthwise_c4_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                            const float *scale, int32_t input_zero, void *packed);
#if defined(__x86_64__)
size_t k_s8_depthwise_avx2_packed_bytes(const k_convolution_shape *);
void k_s8_depthwise_avx2_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                              const float *scale, int32_t input_zero, void *packed);
void k_s8_depthwise_c4_unsigned_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                                     const float *scale, int32_t input_zero, void *packed);
#endif

#endif
