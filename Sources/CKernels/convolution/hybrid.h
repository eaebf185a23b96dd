// Hybrid convolution: quantising the input, and the drivers around the int8 micro-kernels.
#ifndef CKERNELS_HYBRID_H
#define CKERNELS_HYBRID_H

#include "s8_panels.h"

/// Whether each pixel has a range of its own (k_hybrid.h), rather than each image.
int k_hybrid_pointwise(const k_convolution_shape *);

/// The shape of one image of `s` after it was quantised: dense.
k_convolution_shape k_hybrid_dense_image(const k_convolution_shape *s);

/// The shape of what is walked over once it was quantised: it may have the zero point around it.
k_convolution_shape k_hybrid_walked(const k_convolution_shape *s);

/// Output pixels that one walk computes: of all images where pixels have ranges, else of one.
static inline size_t k_hybrid_run_pixels(const k_convolution_shape *s) {
    return k_pixels(s) / (k_hybrid_pointwise(s) ? 1 : (size_t)s->batches);
}

/// Bytes of quantised input that are alive at once, per pixel or image.
static inline size_t k_hybrid_range_bytes(const k_convolution_shape *s) {
    size_t pixels = k_hybrid_pointwise(s) ? 1 : (size_t)s->input_height * (size_t)s->input_width;
    return k_round_up(pixels * (size_t)s->input_channels, 64);
}

/// What a range was quantised with: x = scale · (q − zero).
typedef struct {
    float scale;
    int32_t zero;
} k_quantization;

/// The floats of a range: rows × columns × length.
typedef struct {
    const float *values;
    int32_t rows, columns;
    size_t length;                    // values that lie side by side
    ptrdiff_t row_step, column_step;  // from the start of one row, column to the next
    ptrdiff_t output_row_step;        // columns are dense there
} k_hybrid_range;

/// The image at `values` to rows of bytes that are `output_row_step` apart, and a pixel.
k_hybrid_range k_hybrid_image(const k_convolution_shape *, const float *values, ptrdiff_t output_row_step);
static inline k_hybrid_range k_hybrid_pixel(int32_t channels, const float *values) {
    return (k_hybrid_range){.values = values, .rows = 1, .columns = 1, .length = (size_t)channels};
}

/// Quantises `values`, which are all or some of those that `all` takes the bounds of: in plain C, for the reference;
/// the same with vectors, for AVX-512 with the highest bit flipped.
k_quantization k_hybrid_quantise(const k_hybrid_range *all, const k_hybrid_range *values, int8_t *out);
#if defined(__x86_64__)
k_quantization k_hybrid_quantise_avx2(const k_hybrid_range *all, const k_hybrid_range *values, int8_t *out);
k_quantization k_hybrid_quantise_avx512(const k_hybrid_range *all, const k_hybrid_range *values, int8_t *out);
/// Eight pixels of n channels, to bytes `pitch` apart.
void k_hybrid_quantise_pixels_avx512(const float *const x[8], size_t n, int8_t *out, size_t pitch, k_hybrid_rows *);
#elif defined(__aarch64__)
k_quantization k_hybrid_quantise_neon(const k_hybrid_range *all, const k_hybrid_range *values, int8_t *out);
/// Four pixels of n channels, to bytes `pitch` apart.
void k_hybrid_quantise_pixels_neon(const float *const x[4], size_t n, int8_t *out, size_t pitch, k_hybrid_rows *);
#endif

/// What quantises low…high: k_quantization.scale = 1 / s, `multiplier` = s. Both bounds count 0 in.
k_quantization k_hybrid_quantization(float low, float high, float *multiplier);

/// Quantises n values, none of which is NaN where vectors are asked for.
void k_hybrid_quantise_values(const float *x, size_t n, float multiplier, int32_t zero, int8_t *out);

/// What a layer's walk must know of a micro-kernel (s8_panels.h).
typedef struct {
    k_s8_walk *walk;
    k_quantization (*quantise)(const k_hybrid_range *all, const k_hybrid_range *values, int8_t *out);
    k_s8_panels_function four, one;
    size_t step;
    int32_t pixels, flip; // of its widest tile; what taps are combined with when they are quantised: −128 adds 128
} k_hybrid_kernel;

size_t k_hybrid_panels_scratch_bytes(const k_convolution_shape *);
void k_hybrid_panels_run(const k_hybrid_convolution *, const k_hybrid_kernel *);

// The table's functions, for a step of 2, 4 and 8.
size_t k_hybrid_panels_c2_packed_bytes(const k_convolution_shape *);
size_t k_hybrid_panels_c4_packed_bytes(const k_convolution_shape *);
void k_hybrid_panels_c2_pack(const k_convolution_shape *, const int8_t *weights, const float *bias,
                             const float *scale, void *packed);
void k_hybrid_panels_c4_pack(const k_convolution_shape *, const int8_t *weights, const float *bias,
                             const float *scale, void *packed);
void k_hybrid_panels_c8_pack(const k_convolution_shape *, const int8_t *weights, const float *bias,
                             const float *scale, void *packed);

// The reference's.
size_t k_hybrid_plain_bytes(const k_convolution_shape *);
void k_hybrid_plain_pack(const k_convolution_shape *, const int8_t *weights, const float *bias, const float *scale,
                         void *packed);

#endif
