#if defined(__aarch64__)
#include "kernels.h"
#include "s8_depthwise_16_neon.h"
#include "../small.h"

// One input channel, kernel rows of eight taps: the first layer of spectrogram models. Patches overlap, so instead of
// gathering each, the input rows that a row of outputs reads are copied once, with their padding: in this band every patch
// has its rows of eight taps side by side, at the same distance.

enum { ROW_TAPS = 8, TILE = 4, BAND_BYTES = 4096 };

static size_t band_width(const k_convolution_shape *s) {
    return (size_t)((s->output_width - 1) * s->stride_width + ROW_TAPS);
}

K_SMALL_BEGIN

int k_s8_depthwise_has_rows(const k_convolution_shape *s) {
    return s->kernel_width == ROW_TAPS && s->dilation_width == 1 && s->input_pixel_stride == 1 &&
           s->output_width >= TILE && s->stride_width < 1 << 20 && s->output_width < 1 << 10 &&
           s->pad_left + s->input_width <= (int32_t)band_width(s) + ROW_TAPS &&
           (size_t)s->kernel_height * (band_width(s) + ROW_TAPS) <= BAND_BYTES;
}

K_SMALL_END

// As s8_gemm_4x16_neon's half panels, two pixels abreast. 55 (47) instructions for the 256 products of four pixels, eight
// filters and eight taps; 48 (40) are multiplications and widenings.
#define PAIR(OP, W, X, Y)                                                                                          \
    OP " v12.8h, v" W ".8b, v" X ".8b\n" OP "2 v13.8h, v" W ".16b, v" X ".16b\n"                                   \
    OP " v14.8h, v" W ".8b, v" Y ".8b\n" OP "2 v15.8h, v" W ".16b, v" Y ".16b\n"
#define WIDEN(A, B, C, D)                                                                                          \
    "sadalp v" A ".4s, v12.8h\n sadalp v" B ".4s, v13.8h\n sadalp v" C ".4s, v14.8h\n sadalp v" D ".4s, v15.8h\n"
#define TAPS(X, Y)                                                                                                 \
    "ld4r {v4.8h, v5.8h, v6.8h, v7.8h}, [%[" X "]], %[row]\n"                                                      \
    "ld4r {v8.8h, v9.8h, v10.8h, v11.8h}, [%[" Y "]], %[row]\n"
#define OF_TWO(X, Y, A, B, C, D)                                                                                   \
    TAPS(X, Y) PAIR("smull", "0", "4", "8") PAIR("smlal", "1", "5", "9") WIDEN(A, B, C, D)                         \
    PAIR("smull", "2", "6", "10") PAIR("smlal", "3", "7", "11") WIDEN(A, B, C, D)
#define OF_FOUR(X, Y, A, B, C, D)                                                                                  \
    TAPS(X, Y) PAIR("smull", "0", "4", "8") PAIR("smlal", "1", "5", "9")                                           \
    PAIR("smlal", "2", "6", "10") PAIR("smlal", "3", "7", "11") WIDEN(A, B, C, D)
#define PIXELS(OF) OF("x0", "x1", "16", "17", "18", "19") OF("x2", "x3", "20", "21", "22", "23")

/// Four pixels by eight filters of a panel whose taps lie `pair` bytes apart, two by two; `row` bytes between the
/// pixels' rows of taps.
K_INLINE void multiply_rows(int32x4_t acc[8], const int8_t *x, ptrdiff_t pixel, ptrdiff_t row, const int8_t *w,
                            ptrdiff_t pair, const uint8_t *chain, int32_t rows) {
    register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[0];
    register int32x4_t a3 __asm__("v19") = acc[1], a4 __asm__("v20") = acc[0], a5 __asm__("v21") = acc[1];
    register int32x4_t a6 __asm__("v22") = acc[0], a7 __asm__("v23") = acc[1];
    const int8_t *x1 = x + pixel, *x2 = x1 + pixel, *x3 = x2 + pixel;
    uint32_t four;
    __asm__("0: ld1 {v0.16b}, [%[w]], %[pair]\n"
            "ld1 {v1.16b}, [%[w]], %[pair]\n"
            "ld1 {v2.16b}, [%[w]], %[pair]\n"
            "ld1 {v3.16b}, [%[w]], %[pair]\n"
            "ldrb %w[four], [%[chain]], #1\n"
            "cbz %w[four], 1f\n" PIXELS(OF_FOUR)
            "subs %w[rows], %w[rows], #1\n"
            "b.ne 0b\n"
            "b 2f\n"
            "1:\n" PIXELS(OF_TWO)
            "subs %w[rows], %w[rows], #1\n"
            "b.ne 0b\n"
            "2:\n"
            : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), "+w"(a4), "+w"(a5), "+w"(a6), "+w"(a7), [x0] "+r"(x),
              [x1] "+r"(x1), [x2] "+r"(x2), [x3] "+r"(x3), [w] "+r"(w), [chain] "+r"(chain), [rows] "+r"(rows),
              [four] "=&r"(four)
            : [row] "r"(row), [pair] "r"(pair)
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
              "cc", "memory");
    acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3, acc[4] = a4, acc[5] = a5, acc[6] = a6, acc[7] = a7;
}

/// Out of line, lest the compiler make a second loop for panels of fewer than eight filters.
static __attribute__((noinline)) void store_tile(const k_s8_convolution *b, const int32x4_t acc[8], const float *scale,
                                                 int8_t *y, int32_t n) {
    const int16x8_t zero = vdupq_n_s16((int16_t)b->output_zero);
    const int8x16_t low = vdupq_n_s8((int8_t)b->output_min), high = vdupq_n_s8((int8_t)b->output_max);
#pragma clang loop unroll(disable)
    for (int32_t i = 0; i < TILE; i++, acc += 2, y += b->shape.output_channels)
        k_store_half_panel_neon(acc, scale, zero, low, high, y, n);
}

/// A row of outputs, from the band.
static __attribute__((noinline)) void output_row(const k_s8_convolution *b, const int8_t *band, ptrdiff_t row, int8_t *output) {
    const k_convolution_shape *s = &b->shape;
    const int32_t filters = s->output_channels, rows = s->kernel_height;
    const uint8_t *panel = (const uint8_t *)b->weights + K_PANEL_HEADER;
    for (int32_t c = 0, n; c < filters; c += n) {
        c = k_panel_first(filters, c);
        n = k_panel_filters(filters - c);
        const int32_t lanes = k_panel_lanes(n);
        const int32_t *bias = (const int32_t *)panel;
        const float *scale = (const float *)(bias + lanes);
        const int8_t *w = (const int8_t *)(scale + lanes);
        const uint8_t *chains = (const uint8_t *)w + rows * ROW_TAPS * n;
        panel = chains + k_panel_chains((size_t)rows, n, 2);
        for (int32_t half = 0; half < n; half += K_HALF_PANEL)
            for (int32_t x = 0; x < s->output_width; x += TILE) {
                // The last tile overlaps the one before: the same bits once more.
                x = k_min(x, s->output_width - TILE);
                int32x4_t acc[8] = {vld1q_s32(bias + half), vld1q_s32(bias + half + 4)};
                multiply_rows(acc, band + x * s->stride_width, s->stride_width, row, w + 2 * half, 2 * n, chains, rows);
                store_tile(b, acc, scale + half, output + x * filters + c + half, k_min(n, K_HALF_PANEL));
            }
    }
}

K_SMALL_BEGIN

/// A layer packed as panels (s8_panels.h) of two taps for which k_s8_depthwise_has_rows holds.
void k_s8_depthwise_rows_neon(const k_s8_convolution *b) {
    const k_convolution_shape *s = &b->shape;
    int8_t band[BAND_BYTES];
    const size_t row = band_width(s) + ROW_TAPS;
    const size_t copied = (size_t)s->input_width;
    memset(band, b->input_zero, row * (size_t)s->kernel_height);
    int8_t *output = b->output;
    const int8_t *image = b->input;
    for (int32_t n = 0; n < s->batches; n++, image += (ptrdiff_t)s->input_height * s->input_row_stride)
        for (int32_t y = 0; y < s->output_height; y++, output += s->output_width * s->output_channels) {
            int8_t *to = band + s->pad_left;
            for (int32_t ky = 0; ky < s->kernel_height; ky++, to += row) {
                const int32_t from = y * s->stride_height - s->pad_top + ky * s->dilation_height;
                if ((uint32_t)from < (uint32_t)s->input_height)
                    memcpy(to, image + (ptrdiff_t)from * s->input_row_stride, copied);
                else
                    memset(to, b->input_zero, copied);
            }
            output_row(b, band, (ptrdiff_t)row, output);
        }
}

K_SMALL_END
#endif
