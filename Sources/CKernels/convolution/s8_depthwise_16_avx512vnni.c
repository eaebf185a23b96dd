#if defined(__x86_64__)
#include "kernels.h"
#include "s8_depthwise_16.h"
#include "s8_vnni.h"

/// What one block of sixteen channels needs.
typedef struct {
    const int8_t *weights;
    const int32_t *folded, *bias;
    const float *scale;
    ptrdiff_t channels;
    int32_t input_zero;
    k_clamps_vnni clamps;
} block16;

K_INLINE_VNNI __m512i sixteen(const int8_t *x) { return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x)); }

K_INLINE_VNNI void store(const block16 *b, __m512i acc, int8_t *output) {
    _mm_storeu_si128((__m128i *)output, k_scale_vnni(acc, _mm512_loadu_ps(b->scale), b->clamps));
}

/// Any window: tap by tap, those inside. The upper half of a tap's lane meets a weight's, which is 0.
K_INLINE_VNNI void pixel(const block16 *b, const k_convolution_shape *s, const int8_t *x, k_taps rows, k_taps columns,
                         int8_t *output) {
    const ptrdiff_t row = k_row_step(s), column = k_column_step(s);
    const int whole = rows.end - rows.first == s->kernel_height && columns.end - columns.first == s->kernel_width;
    const __m512i zero = _mm512_set1_epi32(whole ? 0 : b->input_zero), low = _mm512_set1_epi32(0xffff);
    __m512i acc = _mm512_loadu_si512(whole ? b->folded : b->bias), odd = _mm512_setzero_si512();
    for (int32_t ky = rows.first; ky < rows.end; ky++) {
        const int8_t *at = x + ky * row + columns.first * column;
        const int8_t *w = b->weights + (ky * s->kernel_width + columns.first) * b->channels;
        for (int32_t kx = columns.first; kx < columns.end; kx++, at += column, w += b->channels)
            acc = _mm512_dpwssd_epi32(acc, _mm512_sub_epi32(sixteen(at), zero), _mm512_and_si512(sixteen(w), low));
        // Two sums take turns, so that rows don't wait for each other.
        const __m512i next = odd;
        odd = acc;
        acc = next;
    }
    store(b, _mm512_add_epi32(acc, odd), output);
}

K_VNNI static void any_shape(const k_s8_convolution *c, block16 b) {
    const k_convolution_shape *s = &c->shape;
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
                for (ptrdiff_t i = 0; i < b.channels; i += K_PANEL) {
                    // The last block overlaps the one before: the same bits once more.
                    const ptrdiff_t at = i + K_PANEL <= b.channels ? i : b.channels - K_PANEL;
                    block16 here = b;
                    here.weights += at, here.folded += at, here.bias += at, here.scale += at;
                    pixel(&here, s, origin + at, rows, columns, output + at);
                }
            }
        }
}

/// Three rows of the input, read from left to right; outside the image all is the zero point.
typedef struct {
    const int8_t *rows[3];
    ptrdiff_t steps[3];
    int32_t x, width;
    __m512i zero;
} rows3;

/// The next column as vpdpbusd wants it: each channel's three taps and one that meets a weight of 0,
/// 128 added to them.
K_INLINE_VNNI __m512i next_column(rows3 *r) {
    if ((uint32_t)r->x++ >= (uint32_t)r->width) return r->zero;
    __m512i taps[3];
    for (int i = 0; i < 3; i++) {
        taps[i] = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)r->rows[i]));
        r->rows[i] += r->steps[i];
    }
    const __m512i two = _mm512_or_si512(taps[0], _mm512_slli_epi32(taps[1], 8));
    // or, then exclusive or.
    return _mm512_ternarylogic_epi32(two, _mm512_slli_epi32(taps[2], 16), _mm512_set1_epi8(-128), 0x56);
}

/// 3×3, stride 1 or 2 along rows: the weights stay in three registers for all rows of a block, and
/// each column of the input in one while it is the right, the middle and the left one. Bounded by
/// the requantisation and the widening loads, not by the 3 vpdpbusd a pixel.
K_VNNI static void all_3x3(const k_s8_convolution *c, block16 b) {
    const k_convolution_shape *s = &c->shape;
    int8_t outside[K_PANEL];
    memset(outside, c->input_zero, sizeof outside);
    for (ptrdiff_t i = 0; i < b.channels; i += K_PANEL) {
        const ptrdiff_t at = i + K_PANEL <= b.channels ? i : b.channels - K_PANEL;
        block16 here = b;
        here.folded += at, here.scale += at;
        const int8_t *weights = b.weights + i * K_DOT_TAPS, *image = c->input + at;
        const __m512i w0 = _mm512_loadu_si512(weights), w1 = _mm512_loadu_si512(weights + 64);
        const __m512i w2 = _mm512_loadu_si512(weights + 128), folded = _mm512_loadu_si512(here.folded);
        int8_t *output = c->output + at;
        for (int32_t n = 0; n < s->batches; n++, image += (ptrdiff_t)s->input_height * s->input_row_stride) {
            int32_t y = -s->pad_top;
            for (int32_t oy = 0; oy < s->output_height; oy++, y += s->stride_height) {
                rows3 r = {.x = -s->pad_left, .width = s->input_width};
                r.zero = _mm512_set1_epi8((int8_t)(c->input_zero ^ -128));
                for (int32_t k = 0; k < 3; k++) {
                    const int inside = (uint32_t)(y + k) < (uint32_t)s->input_height;
                    r.rows[k] = inside ? image + (ptrdiff_t)(y + k) * s->input_row_stride : outside;
                    r.steps[k] = inside ? s->input_pixel_stride : 0;
                }
                __m512i left = next_column(&r), middle = left;
                if (s->stride_width == 1) middle = next_column(&r);
                for (int32_t count = s->output_width; count > 0; count--, output += b.channels) {
                    if (s->stride_width == 2) middle = next_column(&r);
                    const __m512i right = next_column(&r);
                    __m512i acc = _mm512_dpbusd_epi32(folded, left, w0);
                    acc = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(acc, middle, w1), right, w2);
                    store(&here, acc, output);
                    left = s->stride_width == 2 ? right : middle;
                    middle = right;
                }
            }
        }
    }
}

/// int8 depthwise convolution with AVX-512 VNNI, sixteen channels at a time.
K_VNNI void s8_depthwise_16_avx512vnni(const void *block) {
    k_s8_convolution b = *(const k_s8_convolution *)block;
    const k_convolution_shape *s = &b.shape;
    const int32_t kind = *(const int32_t *)b.weights;
    b.weights = (const uint8_t *)b.weights + K_PANEL_HEADER;
    if (kind == K_DEPTHWISE_PLAIN) {
        s8_depthwise_8_avx2(block);
    } else if (kind == K_DEPTHWISE_CHANNELS) {
        const k_s8_channels p = k_s8_channels_view(s, b.weights);
        const block16 all = {p.weights, p.folded, p.bias, p.scale, s->output_channels, b.input_zero,
                             k_clamps_of(b.output_zero, b.output_min, b.output_max)};
        if (k_s8_depthwise_is_3x3(s))
            all_3x3(&b, all);
        else
            any_shape(&b, all);
    } else {
        int8_t patches[K_DEPTHWISE_PATCHES];
        b.scratch = patches;
        s8_gemm_8x32_avx512vnni(&b);
    }
}
#endif
