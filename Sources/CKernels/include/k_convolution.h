// Convolution, depthwise convolution and fully connected layers: shapes, parameter blocks, and the
// tables of variants. A fully connected layer is a 1×1 convolution over `rows` pixels.
#ifndef K_CONVOLUTION_H
#define K_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

/// A kernel: everything it needs is in its parameter block, decided once at prepare.
typedef void (*k_function)(const void *block);

/// NHWC. Bytes are not spoken of: strides are in elements.
typedef struct {
    int32_t batches;
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left; // what falls outside below and right follows from the output shape
    int32_t groups;            // convolution: input_channels / groups per filter; depthwise: = input_channels
    // Elements from one pixel (row) of the input to the next: = input_channels (× input_width) for a
    // dense tensor, more for a channel slice of a larger one that was not copied.
    int32_t input_pixel_stride, input_row_stride;
} k_convolution_shape;

/// int8 in, int8 weights, int8 out:
///   acc  = bias[c] + Σ (x − input_zero) · w[c]                      in int32, wrapping
///   y    = clamp(round_half_even((float)acc · scale[c]), min − output_zero, max − output_zero) + output_zero
/// with scale[c] = (input_scale · weight_scale[c]) / output_scale in float32, in this order: the
/// layers of the MLPerf Tiny models, per-channel and per-tensor, then have the bits of XNNPACK's on
/// x86-64 (LiteRT 2.3), and differ by 1 from TFLite's built-in ones in about one value of a thousand.
/// Clamped as a float before it is rounded, so no overflow is undefined; a NaN (a scale of 0·∞)
/// becomes the lower bound. Padding counts as input_zero. Zero points, output_min and output_max lie in −128…127.
typedef struct {
    k_convolution_shape shape;
    const int8_t *input;
    int8_t *output;
    const void *weights; // packed by the variant: weights, folded bias, scales
    void *scratch;       // scratch_bytes() of the variant, aligned to 16; contents don't matter; NULL if 0
    int32_t input_zero, output_zero, output_min, output_max;
} k_s8_convolution;

/// float32: acc = bias[c]; for each kernel row, column, input channel in this order (depthwise:
/// for each column, row, which is XNNPACK's):
/// acc = fma(x, w[c], acc), skipping taps that fall into the padding; y = clamp(acc, min, max), which
/// is acc < min ? min : acc > max ? max : acc, and 0x7fc00000 for a NaN of any sign and payload.
/// One accumulator per output and one order, so that all ISAs give the same bits.
typedef struct {
    k_convolution_shape shape;
    const float *input;
    float *output;
    const void *weights;
    void *scratch;
    float output_min, output_max;
} k_f32_convolution;

/// A variant of an int8 kernel. `weights` is OHWI for convolution ([out, kh, kw, in/groups]) and
/// 1HWO for depthwise ([1, kh, kw, out]); bias may be NULL; scale has output_channels entries. Packed
/// weights are aligned to 16 bytes or more, and pack() writes all of packed_bytes().
typedef struct {
    const char *name;  // type, operation, tile, ISA: s8_gemm_4x8c2_avx2
    uint32_t requires; // K_CPU_* bits, all of them
    size_t (*packed_bytes)(const k_convolution_shape *);
    void (*pack)(const k_convolution_shape *, const int8_t *weights, const int32_t *bias, const float *scale,
                 int32_t input_zero, void *packed);
    size_t (*scratch_bytes)(const k_convolution_shape *);
    k_function run; // takes k_s8_convolution
} k_s8_convolution_variant;

typedef struct {
    const char *name;
    uint32_t requires;
    size_t (*packed_bytes)(const k_convolution_shape *);
    void (*pack)(const k_convolution_shape *, const float *weights, const float *bias, void *packed);
    size_t (*scratch_bytes)(const k_convolution_shape *);
    k_function run; // takes k_f32_convolution
} k_f32_convolution_variant;

// The tables: entry 0 is the reference; the last entry whose `requires` the CPU has is the best.
// Variants handle every valid shape (groups, strides, dilation, any depth multiplier).
extern const k_s8_convolution_variant k_s8_convolution_variants[], k_s8_depthwise_variants[];
extern const k_f32_convolution_variant k_f32_convolution_variants[], k_f32_depthwise_variants[];
extern const int32_t k_s8_convolution_variant_count, k_s8_depthwise_variant_count;
extern const int32_t k_f32_convolution_variant_count, k_f32_depthwise_variant_count;

// For Swift, which cannot see arrays of unknown length: &table[index].
const k_s8_convolution_variant *k_s8_convolution_variant_at(int32_t index);
const k_s8_convolution_variant *k_s8_depthwise_variant_at(int32_t index);
const k_f32_convolution_variant *k_f32_convolution_variant_at(int32_t index);
const k_f32_convolution_variant *k_f32_depthwise_variant_at(int32_t index);

/// The best variant for `features`.
const k_s8_convolution_variant *k_s8_convolution_best(uint32_t features);
const k_s8_convolution_variant *k_s8_depthwise_best(uint32_t features);
const k_f32_convolution_variant *k_f32_convolution_best(uint32_t features);
const k_f32_convolution_variant *k_f32_depthwise_best(uint32_t features);

#endif
