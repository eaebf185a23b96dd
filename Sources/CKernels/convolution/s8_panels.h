// int8 convolution as a matrix product over panels of up to 16 filters: the part that no ISA
// changes. A micro-kernel computes 4 pixels (or 1) by all panels; depth comes in groups of 8 taps.
//
// What pack() proves of the weights and scales, no kernel has to ask again (k_s8_panels_pack). A
// layer for which it cannot be proved keeps the kernel of 4×8 (s8_gemm.h), which needs no proof.
#ifndef CKERNELS_S8_PANELS_H
#define CKERNELS_S8_PANELS_H

#include "s8_gemm.h"

enum { K_PANEL = 16, K_HALF_PANEL = 8, K_GROUP = 8, K_PANEL_SLACK = 64 };

// AVX-512 has registers for 8 pixels by 32 filters.
#if defined(__x86_64__)
enum { K_PANEL_PIXELS = 2 * K_TILE_PIXELS, K_PANEL_HEADER = 64 }; // and panels begin cache lines
#else
enum { K_PANEL_PIXELS = K_TILE_PIXELS, K_PANEL_HEADER = 16 };
#endif

// Packed: int32 proved in K_PANEL_HEADER bytes, then for each group of the convolution, for each panel of n filters (k_panel_first),
// which is 16, or what is left but at most 8:
//   int32 bias[16 or 8]     int8: with the input's zero point folded in; hybrid: Σw
//   float scale[16 or 8]
//   int8  weights[depth / 8][8 / step][n][step]      `step` taps of one filter side by side
//   uint8 chains[depth / 8]                          step 2 only: from this group on, so many groups' sums of each
//                                                    lane's products fit int16; 0 if only those of four taps do
//   uint8 units[4 · depth / 8]                       step 2 on AArch64 only, panels of 16: what k_panel_unit says of the
//                                                    next pairs of taps, and then nothing
//   float bias[16 or 8]                              hybrid only
// each a multiple of 4 bytes, and slack at the end of all: a micro-kernel loads 8 filters where n is less.

/// Where the panel begins that comes after `c` of a group's filters: there, or, of 9 to 15 that are left, so that it is a whole one
/// and overlaps with that before (the same bits once more), which on AArch64 costs less than two of half as many. Not where
/// packed weights would be more than 1.3 times the layer's.
static inline int32_t k_panel_first(int32_t filters, int32_t c) {
#if defined(__aarch64__)
    const int32_t left = filters - c;
    if (left > K_HALF_PANEL && left < K_PANEL && (c + K_PANEL) * 10 <= filters * 13 && c > 0) return filters - K_PANEL;
#endif
    (void)filters;
    return c;
}
static inline int32_t k_panel_filters(int32_t left) { return left >= K_PANEL ? K_PANEL : k_min(left, K_HALF_PANEL); }
static inline int32_t k_panel_lanes(int32_t n) { return n == K_PANEL ? K_PANEL : K_HALF_PANEL; }
static inline size_t k_panel_groups(size_t depth) { return (depth + K_GROUP - 1) / K_GROUP; }

/// Bytes of chains and units.
static inline size_t k_panel_chains(size_t groups, int32_t n, size_t step) {
#if defined(__aarch64__)
    if (n == K_PANEL && step == 2) return k_round_up(groups, 4) + groups * K_GROUP / 2;
#endif
    (void)n;
    return step == 2 ? k_round_up(groups, 4) : 0;
}

/// Taps of the last group that are not multiplied: of its eight at most four are there.
static inline int32_t k_panel_spare(size_t depth) { return depth % K_GROUP != 0 && depth % K_GROUP <= K_GROUP / 2 ? K_GROUP / 2 : 0; }

/// Pairs of taps that a kernel multiplies at once: in one chain, whose sums fit int16, or in two, or so that only the
/// first or only the last eight filters have one chain. Between rows of taps that may lie apart, and before a last group
/// that may be a copy, stands the end of a row, behind all the end; a hybrid layer's folds come first. Each is where its code stands in s8_gemm_4x16_neon,
/// in units of 16 bytes: there the assembler sees to it that there is room.
enum k_panel_unit {
    K_CHAIN_OF_4 = 0, K_CHAIN_OF_3 = 23, K_CHAINS_OF_2 = 42, K_CHAIN_OF_2 = 69, K_LOW_CHAIN = 83, K_HIGH_CHAIN = 108,
    K_CHAINS_OF_4 = 133, K_CHAINS_OF_3 = 177, K_ROW_END = 213, K_FOLDS = 216, K_FLOATS_END = 221, K_END = 249,
};

/// What a hybrid layer (k_hybrid.h) needs beside: what each pixel was quantised with, and the activation.
typedef struct {
    int32_t folds[K_PANEL_PIXELS]; // −zero, and less where the kernel adds something to the taps
    float scales[K_PANEL_PIXELS];
    float low, high;
    int32_t floor, ceiling; // whether `low` and `high` can matter
} k_hybrid_rows;

/// The work of a micro-kernel: tiles of one, four or K_PANEL_PIXELS pixels, all filters of one group of the convolution.
typedef struct {
    const int8_t *rows[K_PANEL_PIXELS]; // where a pixel's taps begin
    ptrdiff_t skips[K_PANEL_PIXELS];    // from the end of one segment to the next; 0 where there is but one
    int32_t segments;                   // runs of taps that lie side by side, from 1:
    int32_t groups, later_groups;       // the first of 8 · `groups` taps, the others of 8 · `later_groups`, from 1
    int32_t spare;                      // k_panel_spare of them all
    int32_t filters, tiles;  // from 1
    ptrdiff_t tile_step;     // from the pixels of one tile to those of the next
    const uint8_t *panels;
    uint8_t *output;
    size_t output_stride; // bytes
    int32_t output_zero, low, high;
    const k_hybrid_rows *hybrid; // NULL for an int8 layer; else floats leave
#if defined(__x86_64__)
    // Of a tile; whether it is one of a band (K_EIGHT_PIXELS): then groups are of 4 taps, and all skips alike.
    int32_t pixels, band;
#else
    // The same three as vectors; what a float is rounded by when it is added, and whether that adds the zero point, too
    // (k_s8_round); whether low and high are those of int8.
    int16_t zeros[8];
    int8_t lows[K_PANEL], highs[K_PANEL];
    float round[4];
    int32_t unclamped, zero_added;
#endif
} k_s8_panels;

/// Added to a float, leaves its value rounded half to even in the lower 16 bits: 1.5 · 2²³, above which a float has no
/// digits after the point. An even zero point may be in it, for a sum is then even if what was rounded is.
static inline float k_s8_round(int32_t zero) { return 0x1.8p23f + (float)(zero % 2 ? 0 : zero); }

/// Groups of taps of a patch.
static inline size_t k_panels_groups(const k_s8_panels *p) {
    return (size_t)p->groups + (size_t)(p->segments - 1) * (size_t)p->later_groups;
}

/// Goes on to the next tile of so many pixels, if there is one.
static inline int k_panels_next(k_s8_panels *p, int32_t pixels, int32_t *tiles) {
    if (--*tiles == 0) return 0;
    for (int32_t r = 0; r < pixels; r++) p->rows[r] += p->tile_step;
    p->output += (size_t)pixels * p->output_stride;
    return 1;
}

typedef void (*k_s8_panels_function)(k_s8_panels *);

/// All panels of one group, and all of the layer.
size_t k_s8_panels_group_bytes(const k_convolution_shape *, size_t step, int hybrid);
size_t k_s8_panels_packed_bytes(const k_convolution_shape *, size_t step);

/// Packs filters `filter_step` apart of taps `tap_step` apart. `fold` is what the kernel's inputs are
/// from zero: the input's zero point, and more where it adds something to them. Returns whether it is proved that
///   - the sum of two products, of taps 4i and 4i + 2 or 4i + 1 and 4i + 3, fits int16 (step 2),
///   - a scaled accumulator fits int16, also after the output's zero point is added, and is no NaN.
int32_t k_s8_panels_pack(const k_convolution_shape *, const int8_t *weights, size_t filter_step, size_t tap_step,
                         const int32_t *bias, const float *scale, int32_t fold, size_t step, void *packed);

/// The latter, for a filter whose weights have Σ|w| = `magnitude`.
static inline int k_s8_fits_int16(int32_t bias, int32_t magnitude, float scale) {
    return fabs((double)scale) * (fabs((double)bias) + 255.0 * magnitude) < 32000;
}

/// Whether a row of taps lies in one piece, and whether even pixels whose taps all lie inside the image are gathered.
static inline int k_panels_adjacent(const k_convolution_shape *s) {
    return s->kernel_width == 1 || k_column_step(s) == s->input_channels / s->groups;
}
static inline int k_panels_gather(const k_convolution_shape *s) {
    const ptrdiff_t width = s->kernel_width * (s->input_channels / s->groups);
    return !k_panels_adjacent(s) || (width % K_GROUP != 0 && s->kernel_height > 1 && k_row_step(s) != width);
}

/// A walk over the pixels of b->shape, which reads b->input and, outside of it, b->input_zero. The caller
/// sets what p says of the output: where the first pixel's goes, and how accumulators become elements.
typedef void k_s8_walk(const k_s8_convolution *b, k_s8_panels *p, size_t step, k_s8_panels_function four,
                       k_s8_panels_function one);
k_s8_walk k_s8_panels_walk;
void k_s8_panels_run(const k_s8_convolution *, k_s8_walk *, size_t step, k_s8_panels_function four,
                     k_s8_panels_function one);

// The table's functions, for a step of 2, 4 and 8.
size_t k_s8_panels_c2_packed_bytes(const k_convolution_shape *);
size_t k_s8_panels_c4_packed_bytes(const k_convolution_shape *);
void k_s8_panels_c2_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed);
void k_s8_panels_c4_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed);
void k_s8_panels_c8_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed);
#if defined(__x86_64__)
/// With AVX-512 VNNI a layer that walks over a band reads its patches there row by row, four taps at a time, and the weights of
/// each row are followed by zeros. How many taps a row then has; 0 for other layers, and where it is as many as there are.
size_t k_s8_band_row(const k_convolution_shape *);

enum { K_AVX2_DEPTH = 4096 }; // taps of a filter that s8_gemm_4x16_avx2 has room for
void k_s8_panels_c2_shallow_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                                 const float *scale, int32_t input_zero, void *packed);
void k_s8_panels_c4_unsigned_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                                  const float *scale, int32_t input_zero, void *packed);
#endif

/// Whether pack() proved it; if not, what follows the header is packed for s8_gemm.h.
static inline int k_s8_proved(const void *packed) { return *(const int32_t *)packed; }

#endif
