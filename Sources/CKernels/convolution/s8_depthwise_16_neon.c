#if defined(__aarch64__)
#include "kernels.h"
#include "s8_depthwise_16_neon.h"
#include "s8_depthwise_flat.h"
#include "s8_depthwise_line.h"
#include "../small.h"

/// acc + x0·w0 + x1·w1: the sum of two products fits int16, no weight being −128.
K_INLINE void add_pair(int32x4_t acc[4], int8x16_t x0, int8x16_t w0, int8x16_t x1, int8x16_t w1) {
    int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(x0), vget_low_s8(w0)), vget_low_s8(x1), vget_low_s8(w1));
    int16x8_t high = vmlal_high_s8(vmull_high_s8(x0, w0), x1, w1);
    acc[0] = vaddw_s16(acc[0], vget_low_s16(low));
    acc[1] = vaddw_high_s16(acc[1], low);
    acc[2] = vaddw_s16(acc[2], vget_low_s16(high));
    acc[3] = vaddw_high_s16(acc[3], high);
}

K_INLINE void add_one(int32x4_t acc[4], int8x16_t x, int8x16_t w) {
    int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(w)), high = vmull_high_s8(x, w);
    acc[0] = vaddw_s16(acc[0], vget_low_s16(low));
    acc[1] = vaddw_high_s16(acc[1], low);
    acc[2] = vaddw_s16(acc[2], vget_low_s16(high));
    acc[3] = vaddw_high_s16(acc[3], high);
}

/// A line of taps: how many, and how far apart in the input and in the weights.
typedef struct {
    int32_t count;
    ptrdiff_t x, w;
} line;

/// A pixel whose taps all lie inside: `outer` lines of `inner` taps. Bounded by the 8 multiplications
/// and widenings for a pair of taps, of the loop's 14 instructions.
static void whole_pixel(const block16 *b, const int8_t *x, line outer, line inner, int8_t *output) {
    int32x4_t acc[4];
    load4(b->folded, acc);
    const int8_t *w = b->weights;
    for (int32_t o = 0; o < outer.count; o++, x += outer.x, w += outer.w) {
        const int8_t *xi = x, *wi = w;
        int32_t i = inner.count;
#pragma clang loop unroll(disable)
        for (; i >= 2; i -= 2, xi += 2 * inner.x, wi += 2 * inner.w)
            add_pair(acc, vld1q_s8(xi), vld1q_s8(wi), vld1q_s8(xi + inner.x), vld1q_s8(wi + inner.w));
        if (i) add_one(acc, vld1q_s8(xi), vld1q_s8(wi));
    }
    store(b, acc, output);
}

K_SMALL_BEGIN

/// A pixel at the border: its taps inside only, so the zero point cannot be folded.
static void clipped_pixel(const block16 *b, const int8_t *x, k_taps rows, k_taps columns, line row, line column,
                          int8_t *output) {
    int32x4_t acc[4];
    load4(b->bias, acc);
    for (int32_t ky = rows.first; ky < rows.end; ky++)
        for (int32_t kx = columns.first; kx < columns.end; kx++) {
            int8x16_t v = vld1q_s8(x + (ky * row.x + kx * column.x));
            int8x16_t w = vld1q_s8(b->weights + (ky * row.w + kx * column.w));
            add_one(acc, v, w);
            // −zero·w as a product of its own: neither product leaves int16.
            int16x8_t low = vmull_s8(vget_low_s8(b->input_zero), vget_low_s8(w));
            int16x8_t high = vmull_high_s8(b->input_zero, w);
            acc[0] = vsubw_s16(acc[0], vget_low_s16(low));
            acc[1] = vsubw_high_s16(acc[1], low);
            acc[2] = vsubw_s16(acc[2], vget_low_s16(high));
            acc[3] = vsubw_high_s16(acc[3], high);
        }
    store(b, acc, output);
}

static void any_shape(const k_s8_convolution *c, block16 b) {
    const k_convolution_shape *s = &c->shape;
    const line row = {s->kernel_height, k_row_step(s), s->kernel_width * b.channels};
    const line column = {s->kernel_width, k_column_step(s), b.channels};
    const int upright = s->kernel_width == 1;
    int8_t *output = c->output;
    for (int32_t n = 0; n < s->batches; n++)
        for (int32_t oy = 0; oy < s->output_height; oy++) {
            const int32_t y = oy * s->stride_height - s->pad_top;
            const k_taps rows = k_inside(y, s->input_height, s->kernel_height, s->dilation_height);
            for (int32_t ox = 0; ox < s->output_width; ox++, output += b.channels) {
                const int32_t x = ox * s->stride_width - s->pad_left;
                const k_taps columns = k_inside(x, s->input_width, s->kernel_width, s->dilation_width);
                const int8_t *origin = c->input + ((ptrdiff_t)n * s->input_height + y) * s->input_row_stride +
                                       (ptrdiff_t)x * s->input_pixel_stride;
                const int whole = rows.end - rows.first == s->kernel_height &&
                                  columns.end - columns.first == s->kernel_width;
                for (ptrdiff_t i = 0; i < b.channels; i += K_PANEL) {
                    // The last block overlaps the one before: the same bits once more.
                    const ptrdiff_t at = i + K_PANEL <= b.channels ? i : b.channels - K_PANEL;
                    block16 here = b;
                    here.weights += at, here.folded += at, here.bias += at, here.scale += at;
                    if (whole)
                        whole_pixel(&here, origin + at, upright ? column : row, upright ? row : column, output + at);
                    else
                        clipped_pixel(&here, origin + at, rows, columns, row, column, output + at);
                }
            }
        }
}

K_SMALL_END

/// What sixteen lanes need.
typedef struct {
    int32x4_t bias[4];
    float32x4_t scale[4];
    int8x16_t three[3]; // weights, where these are all
    const int8_t *weights;
} flat_lanes;

/// Sixteen outputs of three taps, which nothing clamps.
K_INLINE int8x16_t flat_three(const flat_lanes *l, const ptrdiff_t *at, const int8_t *x, int16x8_t zero) {
    int32x4_t acc[4] = {l->bias[0], l->bias[1], l->bias[2], l->bias[3]};
    add_pair(acc, vld1q_s8(x + at[0]), l->three[0], vld1q_s8(x + at[1]), l->three[1]);
    add_one(acc, vld1q_s8(x + at[2]), l->three[2]);
    const float *scale = (const float *)l->scale;
    const int8x8_t low = vqmovn_s16(vaddq_s16(k_scale_neon(acc[0], acc[1], scale), zero));
    return vqmovn_high_s16(low, vaddq_s16(k_scale_neon(acc[2], acc[3], scale + 8), zero));
}

/// Sixteen outputs: two taps at a time, whose products' sums fit int16.
K_INLINE void flat_16(const flat_lanes *l, const ptrdiff_t *at, int32_t taps, ptrdiff_t tap_step, const int8_t *x, int16x8_t zero,
                      int8x16_t low, int8x16_t high, int8_t *y) {
    int32x4_t acc[4] = {l->bias[0], l->bias[1], l->bias[2], l->bias[3]};
    const int8_t *w = l->weights;
#pragma clang loop unroll(disable)
    for (; taps >= 2; taps -= 2, at += 2, w += 2 * tap_step)
        add_pair(acc, vld1q_s8(x + at[0]), vld1q_s8(w), vld1q_s8(x + at[1]), vld1q_s8(w + tap_step));
    if (taps) add_one(acc, vld1q_s8(x + at[0]), vld1q_s8(w));
    k_store_panel_neon(acc, (const float *)l->scale, zero, low, high, y);
}

/// Vector by vector of the lanes, so that what belongs to them stays in registers for all of the rows. `three`: as flat_three wants it.
K_INLINE void flat_walk(const k_flat *f, int three, const int8_t *x, ptrdiff_t x_step, int32_t rows, int32_t count, int8_t *y) {
    const ptrdiff_t taps[3] = {f->offsets[0], f->offsets[1], f->offsets[2]}, tap_step = f->tap_step;
    const int16x8_t zero = vdupq_n_s16((int16_t)f->output_zero);
    const int8x16_t low = vdupq_n_s8((int8_t)f->low), high = vdupq_n_s8((int8_t)f->high);
    const ptrdiff_t lanes = f->lanes, last = count - K_FLAT_LANES;
    for (ptrdiff_t first = 0;;) {
        const ptrdiff_t lane = first % lanes;
        flat_lanes l = {.weights = f->weights + lane};
        load4(f->bias + lane, l.bias);
        for (int i = 0; i < 4; i++) l.scale[i] = vld1q_f32(f->scale + lane + 4 * i);
        if (three)
            for (int i = 0; i < 3; i++) l.three[i] = vld1q_s8(l.weights + i * tap_step);
        const int8_t *row = x;
        int8_t *output = y;
#pragma clang loop unroll(disable)
        for (int32_t n = rows; n > 0; n--, row += x_step, output += count) {
            // Two rows at once: an A53 does one's work while the other's waits. A last one is done twice.
            const ptrdiff_t more = three && n > 1;
            const int8_t *next = row + more * x_step;
            int8_t *output_next = output + more * count;
            ptrdiff_t i = first;
#pragma clang loop unroll(disable)
            do {
                __asm__("" : "+r"(i)); // else LLVM advances eight pointers
                if (three) {
                    const int8x16_t y0 = flat_three(&l, taps, row + i, zero), y1 = flat_three(&l, taps, next + i, zero);
                    vst1q_s8(output + i, y0);
                    vst1q_s8(output_next + i, y1);
                } else {
                    flat_16(&l, f->offsets, f->taps, tap_step, row + i, zero, low, high, output + i);
                }
            } while ((i += lanes) <= last);
            row = next;
            output = output_next;
            n -= (int32_t)more;
        }
        if (first == last) return;
        first += K_FLAT_LANES;
        if (first >= lanes || first > last) {
            // The last ones overlap with those before.
            if (count % K_FLAT_LANES == 0) return;
            first = last;
        }
    }
}

static void flat_rows(const k_flat *f, const int8_t *x, ptrdiff_t x_step, int32_t rows, int32_t count, int8_t *y) {
    if (f->taps == 3 && rows > 1 && f->low == -128 && f->high == 127)
        flat_walk(f, 1, x, x_step, rows, count, y);
    else
        flat_walk(f, 0, x, x_step, rows, count, y);
}

#define TARGET
enum { BLOCK_WEIGHTS = 0 };
#define LEFT "9", "10", "11", "12"
#define MIDDLE "13", "14", "15", "16"
#define RIGHT "17", "18", "19", "20"
#define ACC "21", "22", "23", "24"
#define WEIGHTS(A, B, C)                                                                                           \
    "ld1 {v" A ".16b}, [%[weights]], %[next]\n ld1 {v" B ".16b}, [%[weights]], %[next]\n"                          \
    "ld1 {v" C ".16b}, [%[weights]], %[back]\n"
#define ZIP(LOW, HIGH, A, B)                                                                                       \
    "zip1 v" LOW ".16b, v" A ".16b, v" B ".16b\n zip2 v" HIGH ".16b, v" A ".16b, v" B ".16b\n"
// Two taps of a channel side by side, where one sadalp widens and adds both: a column's first two, in two vectors of
// eight channels, and at last the third taps of two columns.
#define LOAD_WEIGHTS                                                                                               \
    WEIGHTS("6", "7", "8") WEIGHTS("25", "26", "27")                                                               \
    ZIP("0", "3", "6", "25") ZIP("1", "4", "7", "26") ZIP("2", "5", "8", "27")                                     \
    WEIGHTS("25", "26", "8") ZIP("6", "7", "25", "26")
#define COLUMN(A, B, C, D)                                                                                         \
    "ld1 {v" D ".16b}, [%[x0]], %[s0]\n ld1 {v" B ".16b}, [%[x1]], %[s1]\n ld1 {v" C ".16b}, [%[x2]], %[s2]\n"     \
    ZIP(A, B, D, B)
#define LOW(OP, P, X, W) OP " v" P ".8h, v" X ".8b, v" W ".8b\n"
#define HIGH(OP, P, X, W) OP "2 v" P ".8h, v" X ".16b, v" W ".16b\n"
#define BOTH(OP, P, Q, X, W) LOW(OP, P, X, W) HIGH(OP, Q, X, W)
#define WIDEN(A, P) "sadalp v" A ".4s, v" P ".8h\n"
// Two products fit int16, no weight being −128. The second sums stand where the left column was; so none waits for long.
#define PRODUCTS(A, B, C, D, E, F, G, H, I, J, K, L)                                                               \
    BOTH("smull", "25", "26", A, "0") BOTH("smull", "27", "28", B, "3") ZIP(D, H, C, G)                            \
    BOTH("smull", A, B, I, "2") LOW("smull", C, J, "5")                                                            \
    BOTH("smlal", "25", "26", E, "1") BOTH("smlal", "27", "28", F, "4")                                            \
    BOTH("smlal", A, B, D, "6") LOW("smlal", C, H, "7") HIGH("smull", D, J, "5")                                   \
    WIDEN("21", "25") WIDEN("22", "26") WIDEN("23", "27") WIDEN("24", "28")                                        \
    BOTH("smull", "25", "26", K, "8") HIGH("smlal", D, H, "7")                                                     \
    WIDEN("21", A) WIDEN("22", B) WIDEN("23", C) WIDEN("24", D)                                                    \
    "saddw v21.4s, v21.4s, v25.4h\n saddw2 v22.4s, v22.4s, v25.8h\n"                                               \
    "saddw v23.4s, v23.4s, v26.4h\n saddw2 v24.4s, v24.4s, v26.8h\n"

// Bounded by the 30 multiplications and widenings of a pixel's 60 instructions.
#include "s8_depthwise_3x3_neon.h"

enum { GROUP = 2 };

/// For each channel its two taps.
K_INLINE void interleave(const int8_t *const taps[GROUP], int8_t *to) {
    const int8x16_t a = vld1q_s8(taps[0]), b = vld1q_s8(taps[1]);
    const int8x16x2_t all = {{vzip1q_s8(a, b), vzip2q_s8(a, b)}};
    vst1q_s8_x2(to, all);
}

K_INLINE void multiply_first(int16x8_t sums[4], int8x16_t x0, int8x16_t x1, int8x16_t w0, int8x16_t w1) {
    sums[0] = vmull_s8(vget_low_s8(x0), vget_low_s8(w0)), sums[1] = vmull_high_s8(x0, w0);
    sums[2] = vmull_s8(vget_low_s8(x1), vget_low_s8(w1)), sums[3] = vmull_high_s8(x1, w1);
}

K_INLINE void multiply_second(int16x8_t sums[4], int8x16_t x0, int8x16_t x1, int8x16_t w0, int8x16_t w1) {
    sums[0] = vmlal_s8(sums[0], vget_low_s8(x0), vget_low_s8(w0)), sums[1] = vmlal_high_s8(sums[1], x0, w0);
    sums[2] = vmlal_s8(sums[2], vget_low_s8(x1), vget_low_s8(w1)), sums[3] = vmlal_high_s8(sums[3], x1, w1);
}

K_INLINE void widen(int32x4_t acc[4], const int16x8_t sums[4]) {
    for (int i = 0; i < 4; i++) acc[i] = vpadalq_s16(acc[i], sums[i]);
}

/// What the second output reads first the first reads next. Two groups are summed in int16: their products fit.
K_INLINE void multiply(int32x4_t acc[8], const int8_t *x, const int8_t *w, int32_t groups) {
    int8x16x2_t here = vld1q_s8_x2(x);
    int16x8_t sums[4];
#pragma clang loop unroll(disable)
    for (; groups >= 2; groups -= 2, w += 64) {
        const int8x16x4_t weights = vld1q_s8_x4(w), next = vld1q_s8_x4(x + 32);
        x += 64;
        multiply_first(sums, here.val[0], here.val[1], weights.val[0], weights.val[1]);
        multiply_second(sums, next.val[0], next.val[1], weights.val[2], weights.val[3]);
        widen(acc, sums);
        multiply_first(sums, next.val[0], next.val[1], weights.val[0], weights.val[1]);
        multiply_second(sums, next.val[2], next.val[3], weights.val[2], weights.val[3]);
        widen(acc + 4, sums);
        here.val[0] = next.val[2], here.val[1] = next.val[3];
    }
    if (groups) {
        const int8x16x2_t weights = vld1q_s8_x2(w), next = vld1q_s8_x2(x + 32);
        multiply_first(sums, here.val[0], here.val[1], weights.val[0], weights.val[1]);
        widen(acc, sums);
        multiply_first(sums, next.val[0], next.val[1], weights.val[0], weights.val[1]);
        widen(acc + 4, sums);
    }
}

#include "s8_depthwise_sliding_neon.h"

K_SMALL_BEGIN

static void slide_channels(const k_s8_convolution *c, block16 b, const k_s8_sliding *l, const k_s8_slider *slider) {
    int8_t outside[K_PANEL];
    vst1q_s8(outside, b.input_zero);
    for (ptrdiff_t i = 0; i < b.channels; i += K_PANEL) {
        // The last block overlaps the one before: the same bits once more.
        const ptrdiff_t at = i + K_PANEL <= b.channels ? i : b.channels - K_PANEL;
        block16 here = b;
        here.folded += at, here.scale += at;
        k_s8_slide(c, l, slider, &here, b.weights + at, outside, c->input + at, c->output + at);
    }
}

static void run_channels(const k_s8_convolution *c, const void *packed, const k_s8_depthwise_ways *ways) {
    static const k_flat_kernel flat = {NULL, flat_rows};
    const k_convolution_shape *s = &c->shape;
    const k_s8_channels p = k_s8_channels_view(s, packed);
    const int is_3x3 = s->output_channels >= K_PANEL && k_s8_depthwise_is_3x3(s);
    k_s8_sliding lines;
    const int slides = !is_3x3 && k_s8_slides(s, &lines);
    if (!is_3x3 && !slides && k_s8_flat_fits(s)) return k_s8_flat_run(c, packed, &flat);
    const block16 b = {
        .weights = p.weights,
        .folded = p.folded,
        .bias = p.bias,
        .scale = p.scale,
        .channels = s->output_channels,
        .zero = vdupq_n_s16((int16_t)c->output_zero),
        .low = vdupq_n_s8((int8_t)c->output_min),
        .high = vdupq_n_s8((int8_t)c->output_max),
        .input_zero = vdupq_n_s8((int8_t)c->input_zero),
    };
    if (is_3x3)
        ways->planes(c, b);
    else if (slides)
        slide_channels(c, b, &lines, ways->slider);
    else
        any_shape(c, b);
}

/// `context`: the k_s8_depthwise_ways.
static void run_pairs(const k_s8_convolution *pairs, const void *context) { run_channels(pairs, pairs->weights, context); }

void k_s8_depthwise_16_neon(const k_s8_convolution *block, const k_s8_depthwise_ways *ways) {
    k_s8_convolution b = *block;
    const int32_t kind = *(const int32_t *)b.weights;
    b.weights = (const uint8_t *)b.weights + K_PANEL_HEADER;
    if (kind == K_DEPTHWISE_PLAIN) {
        s8_depthwise_8_neon(&b);
    } else if (kind == K_DEPTHWISE_CHANNELS) {
        run_channels(&b, b.weights, ways);
    } else if (kind == K_DEPTHWISE_PAIRS) {
        k_s8_depthwise_pairs(&b, run_pairs, ways);
    } else {
        int8_t patches[K_DEPTHWISE_PATCHES];
        b.scratch = patches;
        ways->panels(&b);
    }
}

K_SMALL_END

static void convolution(const void *block) {
    const k_s8_convolution *b = block;
    if (k_s8_depthwise_has_rows(&b->shape))
        k_s8_depthwise_rows_neon(b);
    else
        s8_gemm_4x16_neon(b);
}

/// int8 depthwise convolution with NEON, sixteen channels at a time.
void s8_depthwise_16_neon(const void *block) {
    static const k_s8_depthwise_ways ways = {planes_3x3, &slider, convolution};
    if (k_s8_is_line(((const k_s8_convolution *)block)->weights))
        s8_depthwise_line_neon(block);
    else
        k_s8_depthwise_16_neon(block, &ways);
}
#endif
