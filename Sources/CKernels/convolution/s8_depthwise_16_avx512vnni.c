#if defined(__x86_64__)
#include "kernels.h"
#include "s8_depthwise_flat.h"
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

// Of 64 lanes sixteen stand in a vector of sums: what interleaving bytes, then pairs of bytes, of four taps makes of them,
// and packing puts in order again. Each quarter of a vector has four that are neighbours.

/// Four taps of 64 lanes, or fewer and zeros, side by side.
K_INLINE_VNNI void interleave(const __m512i t[4], __m512i out[4]) {
    const __m512i a = _mm512_unpacklo_epi8(t[0], t[1]), b = _mm512_unpackhi_epi8(t[0], t[1]);
    const __m512i c = _mm512_unpacklo_epi8(t[2], t[3]), d = _mm512_unpackhi_epi8(t[2], t[3]);
    out[0] = _mm512_unpacklo_epi16(a, c);
    out[1] = _mm512_unpackhi_epi16(a, c);
    out[2] = _mm512_unpacklo_epi16(b, d);
    out[3] = _mm512_unpackhi_epi16(b, d);
}

/// Quarter k of each of four vectors to the kth: of 64 numbers those that stand in one vector of sums.
K_INLINE_VNNI void quarters(void *numbers) {
    __m512i v[4], t[4];
    for (int i = 0; i < 4; i++) v[i] = _mm512_loadu_si512((uint8_t *)numbers + 64 * i);
    t[0] = _mm512_shuffle_i32x4(v[0], v[1], 0x44);
    t[1] = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
    t[2] = _mm512_shuffle_i32x4(v[0], v[1], 0xee);
    t[3] = _mm512_shuffle_i32x4(v[2], v[3], 0xee);
    for (int i = 0; i < 4; i += 2) {
        _mm512_storeu_si512((uint8_t *)numbers + 64 * i, _mm512_shuffle_i32x4(t[i], t[i + 1], 0x88));
        _mm512_storeu_si512((uint8_t *)numbers + 64 * i + 64, _mm512_shuffle_i32x4(t[i], t[i + 1], 0xdd));
    }
}

/// Weights as [taps / 4][4], taps interleaved, for each 64 lanes where the first tap's stood and those behind it.
K_VNNI static void flat_layout(k_flat *f) {
    const int32_t groups = (f->taps + 3) / 4;
    int8_t all[K_FLAT_ROOM];
    memcpy(all, f->weights, (size_t)(f->taps * f->tap_step));
    int8_t *to = f->weights;
    for (int32_t lane = 0; lane < f->lanes; lane += K_FLAT_LANES) {
        quarters(f->bias + lane);
        quarters(f->scale + lane);
        for (int32_t g = 0; g < groups; g++, to += 4 * K_FLAT_LANES) {
            __m512i taps[4], w[4];
            for (int32_t k = 0; k < 4; k++) {
                const int is = 4 * g + k < f->taps;
                taps[k] = is ? _mm512_loadu_si512(all + (4 * g + k) * f->tap_step + lane) : _mm512_setzero_si512();
            }
            interleave(taps, w);
            for (int32_t k = 0; k < 4; k++) _mm512_storeu_si512(to + K_FLAT_LANES * k, w[k]);
        }
    }
}

/// Four taps at a time: 3 to 8 loads and interleavings for each of them, 4 vpdpbusd, and 20 instructions for what comes of it.
K_INLINE_VNNI void flat_taps(const k_flat *f, int32_t taps, const int8_t *x, int32_t count, int8_t *y) {
    const k_clamps4_vnni clamps = k_clamps4_of(f->output_zero, f->low, f->high);
    const __m512i zeros = _mm512_setzero_si512();
    const int8_t *w = f->weights;
    for (int32_t i = 0, lane = 0; i < count; i += K_FLAT_LANES, lane += K_FLAT_LANES) {
        if (lane == f->lanes) {
            lane = 0;
            w = f->weights;
        }
        __m512i acc[4];
        for (int32_t k = 0; k < 4; k++) acc[k] = _mm512_loadu_si512(f->bias + lane + 16 * k);
        const ptrdiff_t *at = f->offsets;
        for (int32_t k = taps; k > 0; k -= 4, at += 4, w += 4 * K_FLAT_LANES) {
            __m512i t[4], v[4];
            for (int32_t j = 0; j < 4; j++) t[j] = j < k ? _mm512_loadu_si512(x + i + at[j]) : zeros;
            interleave(t, v);
            for (int32_t j = 0; j < 4; j++)
                acc[j] = _mm512_dpbusd_epi32(acc[j], v[j], _mm512_loadu_si512(w + K_FLAT_LANES * j));
        }
        for (int32_t k = 0; k < 4; k++) acc[k] = k_round_vnni(acc[k], _mm512_loadu_ps(f->scale + lane + 16 * k));
        const __m512i all = k_clamp4_in_place_vnni(acc[0], acc[1], acc[2], acc[3], clamps);
        const int32_t left = count - i;
        _mm512_mask_storeu_epi8(y + i, left >= K_FLAT_LANES ? ~0ull : (1ull << left) - 1, all);
    }
}

K_VNNI static void flat_row(const k_flat *f, const int8_t *x, int32_t count, int8_t *y) {
    switch (f->taps) {
    case 3: return flat_taps(f, 3, x, count, y);
    case 9: return flat_taps(f, 9, x, count, y);
    default: return flat_taps(f, f->taps, x, count, y);
    }
}

K_VNNI static void flat_rows(const k_flat *f, const int8_t *x, ptrdiff_t x_step, int32_t rows, int32_t count, int8_t *y) {
    for (; rows > 0; rows--, x += x_step, y += count) flat_row(f, x, count, y);
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
        static const k_flat_kernel flat = {flat_layout, flat_rows};
        if (k_s8_flat_fits(s))
            k_s8_flat_run(&b, b.weights, &flat);
        else if (k_s8_depthwise_is_3x3(s))
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
