// What the kernels share: exact scalar arithmetic, and which taps of a kernel fall into the image.
#ifndef CKERNELS_INTERNAL_H
#define CKERNELS_INTERNAL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "k_convolution.h"
#include "k_cpu.h"
#include "k_hybrid.h"
#include "../requantise.h"

#if defined(__x86_64__)
#define K_AVX2 __attribute__((target("avx2,fma")))
#endif

/// a + b and a − b modulo 2³².
static inline int32_t k_add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
static inline int32_t k_sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
static inline int32_t k_mul(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }

static inline size_t k_round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }
static inline int32_t k_min(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t k_max(int32_t a, int32_t b) { return a > b ? a : b; }

/// The activation of a float output. A NaN comes out as the one quiet NaN 0x7fc00000, because x86
/// and ARM disagree on the sign and payload that arithmetic gives it.
static inline float k_clamp(float v, float low, float high) {
    if (v != v) return __builtin_nanf("");
    v = v < low ? low : v;
    return v > high ? high : v;
}

/// The taps [first, end) of a kernel axis that fall inside the image.
typedef struct {
    int32_t first, end;
} k_taps;

static inline int32_t k_divide_up(int32_t n, int32_t by) { return by == 1 ? n : (n + by - 1) / by; }

/// `origin` is where tap 0 falls: output index · stride − padding.
static inline k_taps k_inside(int32_t origin, int32_t size, int32_t kernel, int32_t dilation) {
    int32_t first = origin < 0 ? k_divide_up(-origin, dilation) : 0;
    int32_t end = origin < size ? k_min(k_divide_up(size - origin, dilation), kernel) : 0;
    return first < end ? (k_taps){first, end} : (k_taps){0, 0};
}

/// An output pixel: where it reads, in elements from the start of the input. `origin` is that of
/// tap (0, 0) and may lie outside the tensor; only the taps in `rows` × `columns` may be read.
typedef struct {
    ptrdiff_t origin;
    k_taps rows, columns;
} k_pixel;

/// The pixel that comes `index`th in an NHWC output of shape `s`.
static inline k_pixel k_pixel_at(const k_convolution_shape *s, size_t index) {
    int32_t x = (int32_t)(index % (size_t)s->output_width) * s->stride_width - s->pad_left;
    index /= (size_t)s->output_width;
    int32_t y = (int32_t)(index % (size_t)s->output_height) * s->stride_height - s->pad_top;
    ptrdiff_t batch = (ptrdiff_t)(index / (size_t)s->output_height);
    return (k_pixel){
        .origin = (batch * s->input_height + y) * s->input_row_stride + (ptrdiff_t)x * s->input_pixel_stride,
        .rows = k_inside(y, s->input_height, s->kernel_height, s->dilation_height),
        .columns = k_inside(x, s->input_width, s->kernel_width, s->dilation_width),
    };
}

static inline size_t k_pixels(const k_convolution_shape *s) {
    return (size_t)s->batches * (size_t)s->output_height * (size_t)s->output_width;
}

/// A dense image of one column as one row.
static inline void k_lay_column(k_convolution_shape *s) {
    if (s->input_width != 1 || s->output_width != 1 || s->kernel_width != 1 || s->pad_left != 0 ||
        s->input_row_stride != s->input_channels)
        return;
    s->input_pixel_stride = s->input_row_stride;
    s->input_row_stride *= s->input_height;
    s->input_width = s->input_height;
    s->output_width = s->output_height;
    s->kernel_width = s->kernel_height;
    s->stride_width = s->stride_height;
    s->dilation_width = s->dilation_height;
    s->pad_left = s->pad_top;
    s->input_height = s->output_height = s->kernel_height = s->stride_height = s->dilation_height = 1;
    s->pad_top = 0;
}

/// Weights of one filter: kernel_height · kernel_width · input_channels / groups.
static inline size_t k_filter_size(const k_convolution_shape *s) {
    return (size_t)s->kernel_height * (size_t)s->kernel_width * (size_t)(s->input_channels / s->groups);
}

static inline size_t k_taps_count(const k_convolution_shape *s) {
    return (size_t)s->kernel_height * (size_t)s->kernel_width;
}

/// Elements from one tap of a pixel to the next row or column of taps.
static inline ptrdiff_t k_row_step(const k_convolution_shape *s) {
    return (ptrdiff_t)s->dilation_height * s->input_row_stride;
}
static inline ptrdiff_t k_column_step(const k_convolution_shape *s) {
    return (ptrdiff_t)s->dilation_width * s->input_pixel_stride;
}

#endif
