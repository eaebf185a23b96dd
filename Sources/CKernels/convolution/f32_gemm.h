// float32 convolution as a matrix product over the input in place: no patches are gathered, because
// a tap in the padding must be skipped (fma(0, w, acc) is not acc where w is inf or acc is −0). The
// output is cut into rectangles of pixels that have the same taps inside the image (a border is one,
// a corner is one), and these into tiles: some pixels, wherever they lie, by a panel of filters.
#ifndef CKERNELS_F32_GEMM_H
#define CKERNELS_F32_GEMM_H

#include "internal.h"

#if defined(__aarch64__)
enum { K_F32_TILE_PIXELS = 4 };
#else
enum { K_F32_TILE_PIXELS = 10 };
#endif
enum { K_F32_PANEL = 16, K_F32_HALF_PANEL = 8 };

// Packed weights: for each group, for each panel of n filters, which is 16, or what is left but at most 8:
//   float bias[16 or 8]
//   float weights[kernel_height · kernel_width · in / groups][n]
// and 8 floats of slack at the end of all: a micro-kernel loads 8 lanes where n is less.

typedef struct {
    const k_convolution_shape *shape;
    const float *inputs[K_F32_TILE_PIXELS]; // first tap inside the image, first channel of the group
    float *outputs[K_F32_TILE_PIXELS];      // first filter of the panel
    // The taps inside the image, the same for all pixels: `rows` times `runs` times `length` that lie side
    // by side. What to add to get from the end of a run to the next one, and from the last one to the next row.
    int32_t rows, runs, length;
    ptrdiff_t run_skip, row_skip;
    ptrdiff_t first_tap, run_taps, row_taps; // weights before the first tap, and to skip likewise: × n
    int32_t pixels, filters;
    const float *panel;
    ptrdiff_t panel_stride; // floats from one panel of 16 to the next
    // Whether sums go on from where the outputs will be, and wait there instead of becoming outputs.
    int32_t resumes, waits;
    float low, high;
    int32_t floor, ceiling; // whether `low` and `high` can matter, or a NaN that no tap has met yet
} k_f32_tile;

typedef void (*k_f32_tile_function)(const k_f32_tile *);

/// How an ISA wants its tiles: of `pixels` pixels and `filters` filters at most, a multiple of 16; of half a panel's
/// filters `narrow` pixels. Where there is `one`, it takes the last one or two pixels of a rectangle, and `many` always
/// has all its pointers.
typedef struct {
    k_f32_tile_function many, one;
    int32_t pixels, filters, narrow;
    const uint8_t *panels; // side by side, of a rectangle that has 1, 2 or 3 pixels, which alone would wait for their sums; or NULL
    int depthwise;         // all channels at once, and every tap a run of its own
    int waits;             // whether it heeds `resumes` and `waits`
} k_f32_tiling;

size_t k_f32_gemm_packed_bytes(const k_convolution_shape *);
void k_f32_gemm_pack(const k_convolution_shape *, const float *weights, const float *bias, void *packed);
void k_f32_gemm(const k_f32_convolution *, const k_f32_tiling *);

static inline int32_t k_f32_panel_lanes(int32_t n) { return n >= K_F32_PANEL ? K_F32_PANEL : K_F32_HALF_PANEL; }

#endif
