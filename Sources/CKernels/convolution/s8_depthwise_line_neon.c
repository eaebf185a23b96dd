#if defined(__aarch64__)
#include <stdlib.h>

#include "kernels.h"
#include "s8_depthwise_flat.h"
#include "s8_depthwise_line.h"
#include "s8_depthwise_sliding.h"
#include "s8_panels_neon.h"
#include "../small.h"

enum { WIDE = 2 * K_PANEL, NONE = 0, ROWS, COLUMNS };

/// How many channels the block at `c` has.
static inline int32_t block_channels(int32_t channels, int32_t c) {
    return channels >= WIDE && channels - c > K_PANEL ? WIDE : K_PANEL;
}

K_SMALL_BEGIN

/// Whether all outputs of an axis read inside the input.
static int inside(int32_t pad, int32_t input, int32_t output, int32_t kernel, int32_t stride, int32_t dilation) {
    return pad == 0 && (int64_t)(output - 1) * stride + (int64_t)(kernel - 1) * dilation < input;
}

/// The axis that the line of taps goes along, NONE if it never leaves the input; −1 for other layers.
static int32_t axis_of(const k_convolution_shape *s) {
    const int columns =
        inside(s->pad_left, s->input_width, s->output_width, s->kernel_width, s->stride_width, s->dilation_width);
    const int rows =
        inside(s->pad_top, s->input_height, s->output_height, s->kernel_height, s->stride_height, s->dilation_height);
    if (s->input_channels != s->output_channels || s->output_channels < K_PANEL || k_taps_count(s) >= 1 << 20) return -1;
    k_s8_sliding lines;
    if (k_s8_flat_fits(s) || k_s8_slides(s, &lines)) return -1;
    if (s->kernel_width == 1 && columns) return rows ? NONE : ROWS;
    if (s->kernel_height == 1 && rows) return columns ? NONE : COLUMNS;
    return rows && columns && k_row_step(s) == s->kernel_width * k_column_step(s) ? NONE : -1;
}

size_t k_s8_depthwise_line_bytes(const k_convolution_shape *s) {
    if (axis_of(s) < 0) return 0;
    size_t bytes = sizeof(k_s8_line_header);
    for (int32_t c = 0, n; c < s->output_channels; c += n) {
        n = block_channels(s->output_channels, c);
        bytes += (size_t)n * (sizeof(int32_t) + sizeof(float) + k_taps_count(s));
    }
    return bytes;
}

int k_s8_depthwise_line_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                             const float *scale, int32_t input_zero, void *packed) {
    const int32_t channels = s->output_channels;
    const size_t taps = k_taps_count(s);
    const int32_t axis = axis_of(s);
    if (axis < 0) return 0;
    const ptrdiff_t step = s->kernel_width == 1 ? k_row_step(s) : k_column_step(s);
    *(k_s8_line_header *)packed = (k_s8_line_header){K_DEPTHWISE_LINE, (int32_t)taps, (int32_t)step, axis};
    uint8_t *out = (uint8_t *)packed + sizeof(k_s8_line_header);
    for (int32_t c = 0, n; c < channels; c += n) {
        n = block_channels(channels, c);
        int32_t *biases = (int32_t *)out;
        float *scales = (float *)(biases + n);
        int8_t *w = (int8_t *)(scales + n);
        out = (uint8_t *)w + taps * (size_t)n;
        for (int32_t i = 0; i < n; i++) {
            const size_t from = (size_t)(k_min(c, channels - n) + i);
            int32_t sum = 0, magnitude = 0, start = bias ? bias[from] : 0;
            for (size_t k = 0; k < taps; k++) {
                const int8_t tap = weights[k * (size_t)channels + from];
                // The sum of two products must fit int16.
                if (tap == -128) return 0;
                w[k * (size_t)n + (size_t)i] = tap;
                sum += tap;
                magnitude += abs(tap);
            }
            if (!k_s8_fits_int16(start, magnitude, scale[from])) return 0;
            biases[i] = k_sub(start, k_mul(input_zero, sum));
            scales[i] = scale[from];
        }
    }
    return 1;
}

K_SMALL_END

// Two taps of sixteen channels: their products are added as int16, which widens half as often.
#define FIRST(X, W, A, B) "smull v" A ".8h, v" X ".8b, v" W ".8b\n smull2 v" B ".8h, v" X ".16b, v" W ".16b\n"
#define SECOND(X, W, A, B) "smlal v" A ".8h, v" X ".8b, v" W ".8b\n smlal2 v" B ".8h, v" X ".16b, v" W ".16b\n"
#define WIDEN(A, LOW, HIGH)                                                                                       \
    "saddw v" LOW ".4s, v" LOW ".4s, v" A ".4h\n saddw2 v" HIGH ".4s, v" HIGH ".4s, v" A ".8h\n"
#define LOOP(PAIR, ONE)                                                                                           \
    "subs %w[taps], %w[taps], #2\n"                                                                               \
    "b.lt 1f\n"                                                                                                   \
    "0:\n" PAIR                                                                                                   \
    "subs %w[taps], %w[taps], #2\n"                                                                               \
    "b.ge 0b\n"                                                                                                   \
    "1: tbz %w[taps], #0, 2f\n" ONE                                                                               \
    "2:\n"
#define CLOBBERS                                                                                                  \
    "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v24", "v25", "v26", "v27", "cc", "memory"

/// 32 channels: the loop is bounded by the 16 multiplications and widenings of its 21 instructions for 64 products.
K_INLINE const int8_t *multiply_32(int32x4_t acc[8], const int8_t *x, ptrdiff_t step, const int8_t *w, int32_t taps) {
    register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
    register int32x4_t a3 __asm__("v19") = acc[3], a4 __asm__("v20") = acc[4], a5 __asm__("v21") = acc[5];
    register int32x4_t a6 __asm__("v22") = acc[6], a7 __asm__("v23") = acc[7];
    __asm__(LOOP("ld1 {v0.16b, v1.16b}, [%[x]], %[step]\n"
                 "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[w]], #64\n"
                 "ld1 {v2.16b, v3.16b}, [%[x]], %[step]\n"
                 FIRST("0", "4", "24", "25") FIRST("1", "5", "26", "27")
                 SECOND("2", "6", "24", "25") SECOND("3", "7", "26", "27")
                 WIDEN("24", "16", "17") WIDEN("25", "18", "19") WIDEN("26", "20", "21") WIDEN("27", "22", "23"),
                 "ld1 {v0.16b, v1.16b}, [%[x]]\n"
                 "ld1 {v4.16b, v5.16b}, [%[w]], #32\n"
                 FIRST("0", "4", "24", "25") FIRST("1", "5", "26", "27")
                 WIDEN("24", "16", "17") WIDEN("25", "18", "19") WIDEN("26", "20", "21") WIDEN("27", "22", "23"))
            : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), "+w"(a4), "+w"(a5), "+w"(a6), "+w"(a7), [x] "+r"(x), [w] "+r"(w),
              [taps] "+r"(taps)
            : [step] "r"(step)
            : CLOBBERS);
    acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3, acc[4] = a4, acc[5] = a5, acc[6] = a6, acc[7] = a7;
    return w;
}

K_INLINE const int8_t *multiply_16(int32x4_t acc[4], const int8_t *x, ptrdiff_t step, const int8_t *w, int32_t taps) {
    register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
    register int32x4_t a3 __asm__("v19") = acc[3];
    __asm__(LOOP("ld1 {v0.16b}, [%[x]], %[step]\n"
                 "ld1 {v4.16b, v5.16b}, [%[w]], #32\n"
                 "ld1 {v1.16b}, [%[x]], %[step]\n"
                 FIRST("0", "4", "24", "25") SECOND("1", "5", "24", "25")
                 WIDEN("24", "16", "17") WIDEN("25", "18", "19"),
                 "ldr q0, [%[x]]\n"
                 "ldr q4, [%[w]], #16\n"
                 FIRST("0", "4", "24", "25") WIDEN("24", "16", "17") WIDEN("25", "18", "19"))
            : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), [x] "+r"(x), [w] "+r"(w), [taps] "+r"(taps)
            : [step] "r"(step)
            : CLOBBERS);
    acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;
    return w;
}

/// Taps one behind the other, in the input or, for those outside of it, in 32 bytes of its zero point.
typedef struct {
    const int8_t *x;
    ptrdiff_t step;
    int32_t taps;
} part;

/// All channels of a pixel.
static __attribute__((noinline)) void pixel(const k_s8_convolution *b, const part *parts, const part *end, int8_t *output) {
    const k_s8_line_header *header = b->weights;
    const int32_t channels = b->shape.output_channels, taps = header->taps;
    const int16x8_t zero = vdupq_n_s16((int16_t)b->output_zero);
    const int8x16_t low = vdupq_n_s8((int8_t)b->output_min), high = vdupq_n_s8((int8_t)b->output_max);
    const uint8_t *packed = (const uint8_t *)(header + 1);
    int32_t c = 0;
    for (; c < channels && block_channels(channels, c) == WIDE; c += WIDE, packed += WIDE * (8 + taps)) {
        const int32_t at = k_min(c, channels - WIDE);
        const float *scale = (const float *)packed + WIDE;
        const int8_t *w = (const int8_t *)(scale + WIDE);
        int32x4_t acc[WIDE / 4];
        k_start_rows(acc, 1, WIDE, (const int32_t *)packed);
#pragma clang loop unroll(disable)
        for (const part *p = parts; p != end; p++)
            w = multiply_32(acc, p->x + (p->step ? at : 0), p->step, w, p->taps);
        k_store_panel_neon(acc, scale, zero, low, high, output + at);
        k_store_panel_neon(acc + 4, scale + K_PANEL, zero, low, high, output + at + K_PANEL);
    }
    for (; c < channels; c += K_PANEL, packed += K_PANEL * (8 + taps)) {
        const int32_t at = k_min(c, channels - K_PANEL);
        const float *scale = (const float *)packed + K_PANEL;
        const int8_t *w = (const int8_t *)(scale + K_PANEL);
        int32x4_t acc[K_PANEL / 4];
        k_start_rows(acc, 1, K_PANEL, (const int32_t *)packed);
#pragma clang loop unroll(disable)
        for (const part *p = parts; p != end; p++)
            w = multiply_16(acc, p->x + (p->step ? at : 0), p->step, w, p->taps);
        k_store_panel_neon(acc, scale, zero, low, high, output + at);
    }
}

K_SMALL_BEGIN

static __attribute__((noinline)) void all_pixels(const k_s8_convolution *b) {
    const k_convolution_shape *s = &b->shape;
    const k_s8_line_header *header = b->weights;
    const int32_t axis = header->axis, taps = header->taps;
    const ptrdiff_t step = header->step;
    int8_t *output = b->output, outside[WIDE];
    memset(outside, b->input_zero, sizeof outside);
    part parts[3] = {{outside, 0, 0}, {b->input, step, taps}, {outside, 0, 0}};
    for (int32_t n = 0; n < s->batches; n++)
        for (int32_t oy = 0; oy < s->output_height; oy++)
            for (int32_t ox = 0; ox < s->output_width; ox++, output += s->output_channels) {
                const int32_t y = oy * s->stride_height - s->pad_top, x = ox * s->stride_width - s->pad_left;
                k_taps in = {0, taps};
                if (axis == ROWS) in = k_inside(y, s->input_height, taps, s->dilation_height);
                if (axis == COLUMNS) in = k_inside(x, s->input_width, taps, s->dilation_width);
                parts[0].taps = in.first;
                parts[1].taps = in.end - in.first;
                parts[1].x = b->input + (((ptrdiff_t)n * s->input_height + y) * s->input_row_stride +
                                         (ptrdiff_t)x * s->input_pixel_stride + in.first * step);
                parts[2].taps = taps - in.end;
                const int whole = parts[1].taps == taps;
                pixel(b, parts + whole, parts + 3 - whole, output);
            }
}

K_SMALL_END

/// Depthwise convolution along one line of taps, 32 or 16 channels at a time.
void s8_depthwise_line_neon(const void *block) {
    const k_s8_convolution *b = block;
    const k_s8_line_header *header = b->weights;
    if (header->axis == NONE && b->shape.output_height == 1 && b->shape.output_width == 1 && b->shape.batches == 1) {
        const part whole = {b->input, header->step, header->taps};
        pixel(b, &whole, &whole + 1, b->output);
    } else {
        all_pixels(b);
    }
}
#endif
