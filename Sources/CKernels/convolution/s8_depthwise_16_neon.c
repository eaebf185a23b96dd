#if defined(__aarch64__)
#include "kernels.h"
#include "s8_depthwise_16.h"
#include "s8_panels_neon.h"

/// What one block of sixteen channels needs.
typedef struct {
    const int8_t *weights;
    const int32_t *folded, *bias;
    const float *scale;
    ptrdiff_t channels;
    int16x8_t zero;
    int8x16_t low, high, input_zero;
} block16;

K_INLINE void store(const block16 *b, const int32x4_t acc[4], int8_t *output) {
    k_store_panel_neon(acc, b->scale, b->zero, b->low, b->high, output);
}

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

K_INLINE void load4(const int32_t *from, int32x4_t acc[4]) {
    for (int i = 0; i < 4; i++) acc[i] = vld1q_s32(from + 4 * i);
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

/// Three rows of the input, read from left to right; outside the image all is the zero point.
typedef struct {
    const int8_t *rows[3];
    ptrdiff_t steps[3];
    int32_t x, width;
    int8x16_t zero;
} rows3;

K_INLINE void next_column(rows3 *r, int8x16_t column[3]) {
    if ((uint32_t)r->x++ < (uint32_t)r->width)
        for (int i = 0; i < 3; i++) {
            column[i] = vld1q_s8(r->rows[i]);
            r->rows[i] += r->steps[i];
        }
    else
        column[0] = column[1] = column[2] = r->zero;
}

K_INLINE void pixel_3x3(const block16 *b, const int8x16_t w[9], const int8x16_t l[3], const int8x16_t m[3],
                        const int8x16_t r[3], int8_t *output) {
    int32x4_t acc[4];
    load4(b->folded, acc);
    add_pair(acc, l[0], w[0], l[1], w[3]);
    add_pair(acc, l[2], w[6], m[0], w[1]);
    add_pair(acc, m[1], w[4], m[2], w[7]);
    add_pair(acc, r[0], w[2], r[1], w[5]);
    add_one(acc, r[2], w[8]);
    store(b, acc, output);
}

/// One row of output of one block. The nine weights stay in registers, and so does each column of
/// the input while it is the right, the middle and the left one: 3 loads a pixel. Bounded by the 38
/// multiplications and widenings of some 70 instructions.
static void row_3x3(const block16 *b, rows3 r, int32_t stride, int32_t count, int8_t *output) {
    int8x16_t w[9], one[3], two[3], three[3];
    for (int i = 0; i < 9; i++) w[i] = vld1q_s8(b->weights + i * b->channels);
    next_column(&r, one);
    if (stride == 2) {
        for (; count > 0; count--, output += b->channels) {
            next_column(&r, two);
            next_column(&r, three);
            pixel_3x3(b, w, one, two, three, output);
            for (int i = 0; i < 3; i++) one[i] = three[i];
        }
        return;
    }
    next_column(&r, two);
    for (; count > 0; count -= 3, output += 3 * b->channels) {
        next_column(&r, three);
        pixel_3x3(b, w, one, two, three, output);
        if (count == 1) break;
        next_column(&r, one);
        pixel_3x3(b, w, two, three, one, output + b->channels);
        if (count == 2) break;
        next_column(&r, two);
        pixel_3x3(b, w, three, one, two, output + 2 * b->channels);
    }
}

static void all_3x3(const k_s8_convolution *c, block16 b) {
    const k_convolution_shape *s = &c->shape;
    int8_t outside[K_PANEL];
    vst1q_s8(outside, b.input_zero);
    for (int32_t n = 0; n < s->batches; n++)
        for (int32_t oy = 0; oy < s->output_height; oy++) {
            const int32_t y = oy * s->stride_height - s->pad_top;
            int8_t *output = c->output + ((ptrdiff_t)n * s->output_height + oy) * s->output_width * b.channels;
            for (ptrdiff_t i = 0; i < b.channels; i += K_PANEL) {
                const ptrdiff_t at = i + K_PANEL <= b.channels ? i : b.channels - K_PANEL;
                block16 here = b;
                here.weights += at, here.folded += at, here.scale += at;
                rows3 r = {.x = -s->pad_left, .width = s->input_width, .zero = b.input_zero};
                for (int32_t k = 0; k < 3; k++) {
                    const int inside = (uint32_t)(y + k) < (uint32_t)s->input_height;
                    r.steps[k] = inside ? s->input_pixel_stride : 0;
                    r.rows[k] =
                        inside ? c->input + (((ptrdiff_t)n * s->input_height + y + k) * s->input_row_stride + at) : outside;
                }
                row_3x3(&here, r, s->stride_width, s->output_width, output + at);
            }
        }
}

static void run_channels(const k_s8_convolution *c, const void *packed) {
    const k_convolution_shape *s = &c->shape;
    const k_s8_channels p = k_s8_channels_view(s, packed);
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
    if (s->kernel_height == 3 && s->kernel_width == 3 && s->dilation_height == 1 && s->dilation_width == 1 &&
        s->stride_width <= 2)
        all_3x3(c, b);
    else
        any_shape(c, b);
}

/// int8 depthwise convolution with NEON, sixteen channels at a time.
void s8_depthwise_16_neon(const void *block) {
    k_s8_convolution b = *(const k_s8_convolution *)block;
    const int32_t kind = *(const int32_t *)b.weights;
    b.weights = (const uint8_t *)b.weights + K_PANEL_HEADER;
    if (kind == K_DEPTHWISE_PLAIN) {
        s8_depthwise_8_neon(&b);
    } else if (kind == K_DEPTHWISE_CHANNELS) {
        run_channels(&b, b.weights);
    } else {
        int8_t patches[K_DEPTHWISE_PATCHES];
        b.scratch = patches;
        s8_gemm_4x16_neon(&b);
    }
}
#endif
