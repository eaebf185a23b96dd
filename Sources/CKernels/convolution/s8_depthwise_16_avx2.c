#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "s8_depthwise_flat.h"

#define K_INLINE_AVX2 K_AVX2 static inline __attribute__((always_inline))

// Sixteen channels of int16 are a vector; two taps interleaved, as vpmaddwd wants them, are two: channels
// 0…3 and 8…11, and the others. In this order stand accumulators, too.
typedef struct {
    __m256i low, high;
} pairs;

K_INLINE_AVX2 __m256i load(const int8_t *x) { return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)x)); }
K_INLINE_AVX2 pairs interleave(__m256i a, __m256i b) {
    return (pairs){_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)};
}
K_INLINE_AVX2 pairs add_products(pairs acc, pairs x, pairs w) {
    return (pairs){_mm256_add_epi32(acc.low, _mm256_madd_epi16(x.low, w.low)),
                   _mm256_add_epi32(acc.high, _mm256_madd_epi16(x.high, w.high))};
}
/// Sixteen of 32 bits, in the order of accumulators.
K_INLINE_AVX2 pairs sixteen(const void *from) {
    const __m128i *at = from;
    return (pairs){_mm256_loadu2_m128i(at + 2, at), _mm256_loadu2_m128i(at + 3, at + 1)};
}

/// What a block of sixteen channels needs to become bytes.
typedef struct {
    __m256 scale_low, scale_high;
    __m256i zero;
    __m128i low, high;
} rounding;

K_INLINE_AVX2 rounding rounding_of(const k_s8_convolution *c, const float *scale) {
    const pairs s = sixteen(scale);
    return (rounding){_mm256_castsi256_ps(s.low), _mm256_castsi256_ps(s.high), _mm256_set1_epi16((int16_t)c->output_zero),
                      _mm_set1_epi8((int8_t)c->output_min), _mm_set1_epi8((int8_t)c->output_max)};
}

/// pack() proved that int16 is enough, so the clamps may come after the rounding.
K_INLINE_AVX2 void store(const rounding *r, pairs acc, int8_t *output) {
    const __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(acc.low), r->scale_low));
    const __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(acc.high), r->scale_high));
    const __m256i words = _mm256_add_epi16(_mm256_packs_epi32(low, high), r->zero);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128((__m128i *)output, _mm_min_epi8(_mm_max_epi8(bytes, r->low), r->high));
}

/// Any window: the taps inside, two by two.
K_AVX2 static void any_shape(const k_s8_convolution *c, k_s8_channels p) {
    const k_convolution_shape *s = &c->shape;
    const ptrdiff_t channels = s->output_channels;
    // Pairs along the longer line.
    const int upright = s->kernel_width == 1;
    const ptrdiff_t outer = upright ? k_column_step(s) : k_row_step(s), inner = upright ? k_row_step(s) : k_column_step(s);
    const __m256i zero = _mm256_set1_epi16((int16_t)c->input_zero), none = _mm256_setzero_si256();
    for (ptrdiff_t i = 0; i < channels; i += K_PANEL) {
        // The last block overlaps the one before: the same bits once more.
        const ptrdiff_t at = i + K_PANEL <= channels ? i : channels - K_PANEL;
        const rounding r = rounding_of(c, p.scale + at);
        const pairs bias = sixteen(p.bias + at);
        int8_t *output = c->output + at;
        for (size_t index = 0, count = k_pixels(s); index < count; index++, output += channels) {
            const k_pixel pixel = k_pixel_at(s, index);
            const int8_t *x = c->input + pixel.origin + at, *w = p.weights + at;
            pairs acc = bias;
            const k_taps lines = upright ? pixel.columns : pixel.rows, taps = upright ? pixel.rows : pixel.columns;
            for (int32_t l = lines.first; l < lines.end; l++)
                for (int32_t k = taps.first; k < taps.end; k += 2) {
                    const int8_t *xs = x + (l * outer + k * inner), *ws = w + (l * s->kernel_width + k) * channels;
                    const int two = k + 1 < taps.end;
                    const __m256i x1 = two ? _mm256_sub_epi16(load(xs + inner), zero) : none;
                    const __m256i w1 = two ? load(ws + channels) : none;
                    acc = add_products(acc, interleave(_mm256_sub_epi16(load(xs), zero), x1), interleave(load(ws), w1));
                }
            store(&r, acc, output);
        }
    }
}

/// A column of the input: its taps 0 and 1, and 2 beside nothing.
typedef struct {
    pairs two, one;
} column3;

K_INLINE_AVX2 column3 column_of(__m256i a, __m256i b, __m256i c) {
    return (column3){interleave(a, b), interleave(c, _mm256_setzero_si256())};
}

/// Three rows of the input, read from left to right; outside the image all is the zero point.
typedef struct {
    const int8_t *rows[3];
    ptrdiff_t steps[3];
    int32_t x, width;
    __m256i zero;
} rows3;

K_INLINE_AVX2 column3 next_column(rows3 *r) {
    if ((uint32_t)r->x++ >= (uint32_t)r->width) return column_of(r->zero, r->zero, r->zero);
    const column3 c = column_of(load(r->rows[0]), load(r->rows[1]), load(r->rows[2]));
    for (int i = 0; i < 3; i++) r->rows[i] += r->steps[i];
    return c;
}

/// 3×3, stride 1 or 2 along rows: each column of the input stays in registers while it is the right, the middle
/// and the left one. Bounded by 12 vpmaddwd, their additions, and the requantisation.
K_AVX2 static void all_3x3(const k_s8_convolution *c, k_s8_channels p) {
    const k_convolution_shape *s = &c->shape;
    const ptrdiff_t channels = s->output_channels;
    int8_t outside[K_PANEL];
    memset(outside, c->input_zero, sizeof outside);
    for (ptrdiff_t i = 0; i < channels; i += K_PANEL) {
        const ptrdiff_t at = i + K_PANEL <= channels ? i : channels - K_PANEL;
        const rounding requantised = rounding_of(c, p.scale + at);
        const pairs bias = sixteen(p.folded + at);
        column3 w[3];
        for (int32_t k = 0; k < 3; k++) {
            const int8_t *tap = p.weights + at + k * channels;
            w[k] = column_of(load(tap), load(tap + 3 * channels), load(tap + 6 * channels));
        }
        const int8_t *image = c->input + at;
        int8_t *output = c->output + at;
        for (int32_t n = 0; n < s->batches; n++, image += (ptrdiff_t)s->input_height * s->input_row_stride) {
            int32_t y = -s->pad_top;
            for (int32_t oy = 0; oy < s->output_height; oy++, y += s->stride_height) {
                rows3 r = {.x = -s->pad_left, .width = s->input_width, .zero = _mm256_set1_epi16((int16_t)c->input_zero)};
                for (int32_t k = 0; k < 3; k++) {
                    const int inside = (uint32_t)(y + k) < (uint32_t)s->input_height;
                    r.rows[k] = inside ? image + (ptrdiff_t)(y + k) * s->input_row_stride : outside;
                    r.steps[k] = inside ? s->input_pixel_stride : 0;
                }
                column3 left = next_column(&r), middle = left;
                if (s->stride_width == 1) middle = next_column(&r);
                for (int32_t count = s->output_width; count > 0; count--, output += channels) {
                    if (s->stride_width == 2) middle = next_column(&r);
                    const column3 right = next_column(&r);
                    pairs acc = add_products(add_products(bias, left.two, w[0].two), left.one, w[0].one);
                    acc = add_products(add_products(acc, middle.two, w[1].two), middle.one, w[1].one);
                    acc = add_products(add_products(acc, right.two, w[2].two), right.one, w[2].one);
                    store(&requantised, acc, output);
                    left = s->stride_width == 2 ? right : middle;
                    middle = right;
                }
            }
        }
    }
}

// Of 32 lanes eight stand in a vector of sums: what interleaving the bytes of two taps, and then widening them, makes of
// each half of a vector, and packing puts in order again.
enum { FLAT = 32 };

/// Two taps of 32 lanes side by side; bytes become words.
K_INLINE_AVX2 void interleave_32(__m256i a, __m256i b, __m256i out[4], int is_signed) {
    const __m256i none = _mm256_setzero_si256(), low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
    const __m256i above_low = is_signed ? _mm256_cmpgt_epi8(none, low) : none, above_high = is_signed ? _mm256_cmpgt_epi8(none, high) : none;
    out[0] = _mm256_unpacklo_epi8(low, above_low);
    out[1] = _mm256_unpackhi_epi8(low, above_low);
    out[2] = _mm256_unpacklo_epi8(high, above_high);
    out[3] = _mm256_unpackhi_epi8(high, above_high);
}

/// 32 numbers as sums of lanes stand: fours of the first half beside those of the second.
K_INLINE_AVX2 void halves(void *numbers) {
    __m128i fours[8], *to = numbers;
    memcpy(fours, numbers, sizeof fours);
    for (int i = 0; i < 4; i++) to[2 * i] = fours[i], to[2 * i + 1] = fours[i + 4];
}

/// Weights as int16 [taps / 2][lane][2] for each 32 lanes, behind an odd last tap zeros.
K_AVX2 static void flat_layout(k_flat *f) {
    int8_t all[K_FLAT_ROOM];
    memcpy(all, f->weights, (size_t)(f->taps * f->tap_step));
    __m256i *to = (__m256i *)f->weights;
    for (int32_t lane = 0; lane < f->lanes; lane += FLAT) {
        halves(f->bias + lane);
        halves(f->scale + lane);
        for (int32_t k = 0; k < f->taps; k += 2, to += 4) {
            const int8_t *tap = all + k * f->tap_step + lane;
            __m256i b = _mm256_setzero_si256(), w[4];
            if (k + 1 < f->taps) b = _mm256_loadu_si256((const __m256i *)(tap + f->tap_step));
            interleave_32(_mm256_loadu_si256((const __m256i *)tap), b, w, 1);
            for (int i = 0; i < 4; i++) _mm256_storeu_si256(to + i, w[i]);
        }
    }
}

/// Two taps at a time: 2 loads and 6 interleavings for 4 vpmaddwd.
K_INLINE_AVX2 __m256i flat_32(const k_flat *f, int32_t taps, const int8_t *x, const __m256i *w, int32_t lane, __m256i zero) {
    __m256i acc[4];
    for (int i = 0; i < 4; i++) acc[i] = _mm256_loadu_si256((const __m256i *)(f->bias + lane) + i);
    const ptrdiff_t *at = f->offsets;
    for (int32_t k = taps; k > 0; k -= 2, at += 2, w += 4) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(x + at[0]));
        // A last tap meets a weight of 0 beside itself.
        const __m256i b = k > 1 ? _mm256_loadu_si256((const __m256i *)(x + at[1])) : a;
        __m256i v[4];
        interleave_32(a, b, v, 0);
        for (int i = 0; i < 4; i++) acc[i] = _mm256_add_epi32(acc[i], _mm256_madd_epi16(v[i], _mm256_loadu_si256(w + i)));
    }
    for (int i = 0; i < 4; i++)
        acc[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(acc[i]), _mm256_loadu_ps(f->scale + lane + 8 * i)));
    return _mm256_packs_epi16(_mm256_add_epi16(_mm256_packs_epi32(acc[0], acc[1]), zero), _mm256_add_epi16(_mm256_packs_epi32(acc[2], acc[3]), zero));
}

K_INLINE_AVX2 void flat_taps(const k_flat *f, int32_t taps, const int8_t *x, int32_t count, int8_t *y) {
    const __m256i zero = _mm256_set1_epi16((int16_t)f->output_zero);
    const __m256i least = _mm256_set1_epi8((int8_t)f->low), most = _mm256_set1_epi8((int8_t)f->high);
    const __m256i *w = (const __m256i *)f->weights;
    for (int32_t i = 0, lane = 0; i < count; i += FLAT, lane += FLAT, w += (taps + 1) / 2 * 4) {
        if (lane == f->lanes) {
            lane = 0;
            w = (const __m256i *)f->weights;
        }
        const __m256i all = _mm256_min_epi8(_mm256_max_epi8(flat_32(f, taps, x + i, w, lane, zero), least), most);
        if (count - i >= FLAT) {
            _mm256_storeu_si256((__m256i *)(y + i), all);
        } else {
            int8_t bytes[FLAT];
            _mm256_storeu_si256((__m256i *)bytes, all);
            memcpy(y + i, bytes, (size_t)(count - i));
        }
    }
}

K_AVX2 static void flat_row(const k_flat *f, const int8_t *x, int32_t count, int8_t *y) {
    switch (f->taps) {
    case 3: return flat_taps(f, 3, x, count, y);
    case 9: return flat_taps(f, 9, x, count, y);
    default: return flat_taps(f, f->taps, x, count, y);
    }
}

K_AVX2 static void flat_rows(const k_flat *f, const int8_t *x, ptrdiff_t x_step, int32_t rows, int32_t count, int8_t *y) {
    for (; rows > 0; rows--, x += x_step, y += count) flat_row(f, x, count, y);
}

K_AVX2 static void run_pairs(const k_s8_convolution *pairs, const void *unused) {
    all_3x3(pairs, k_s8_channels_view(&pairs->shape, pairs->weights));
    (void)unused;
}

/// int8 depthwise convolution with AVX2, sixteen channels at a time.
void s8_depthwise_16_avx2(const void *block) {
    k_s8_convolution b = *(const k_s8_convolution *)block;
    const int32_t kind = *(const int32_t *)b.weights;
    b.weights = (const uint8_t *)b.weights + K_PANEL_HEADER;
    if (kind == K_DEPTHWISE_PLAIN) {
        s8_depthwise_8_avx2(block);
    } else if (kind == K_DEPTHWISE_CHANNELS) {
        const k_s8_channels p = k_s8_channels_view(&b.shape, b.weights);
        static const k_flat_kernel flat = {flat_layout, flat_rows};
        if (k_s8_flat_fits(&b.shape))
            k_s8_flat_run(&b, b.weights, &flat);
        else if (k_s8_depthwise_is_3x3(&b.shape))
            all_3x3(&b, p);
        else
            any_shape(&b, p);
    } else if (kind == K_DEPTHWISE_PAIRS) {
        k_s8_depthwise_pairs(&b, run_pairs, NULL);
    } else {
        int8_t patches[K_DEPTHWISE_PATCHES];
        b.scratch = patches;
        s8_gemm_4x16_avx2(&b);
    }
}
#endif
