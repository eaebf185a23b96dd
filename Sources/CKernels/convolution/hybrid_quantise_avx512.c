#if defined(__x86_64__)
#include <float.h>

#include "hybrid.h"
#include "s8_vnni.h"

// Bytes leave with the highest bit flipped: vpdpbusd takes unsigned taps.

static inline __mmask16 first(size_t n) { return n < 16 ? (__mmask16)((1u << n) - 1) : 0xffff; }

typedef struct {
    __m512 low, high;
} bounds;

/// minps and maxps give their second operand where one is a NaN, which so is passed over.
K_INLINE_VNNI bounds widen(bounds b, __m512 v) { return (bounds){_mm512_min_ps(v, b.low), _mm512_max_ps(v, b.high)}; }

K_INLINE_VNNI bounds widen_all(bounds b, const float *x, size_t n) {
    bounds others[3] = {b, b, b};
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        b = widen(b, _mm512_loadu_ps(x + i));
        for (int k = 0; k < 3; k++) others[k] = widen(others[k], _mm512_loadu_ps(x + i + 16 * (k + 1)));
    }
    for (; i < n; i += 16) b = widen(b, _mm512_maskz_loadu_ps(first(n - i), x + i));
    for (int k = 0; k < 3; k++)
        b = (bounds){_mm512_min_ps(others[k].low, b.low), _mm512_max_ps(others[k].high, b.high)};
    return b;
}

/// What a range's values are quantised with.
typedef struct {
    __m512 multiplier, low, high;
    __m512i zero, order;
    int tame; // all products are finite, so that saturation does what `high` would
} quantiser;

K_INLINE_VNNI quantiser quantiser_of(float multiplier, int32_t zero, int tame) {
    return (quantiser){_mm512_set1_ps(multiplier), _mm512_set1_ps((float)(-128 - zero)), _mm512_set1_ps((float)(127 - zero)),
                       _mm512_set1_epi16((int16_t)zero), k_order4_vnni(), tame};
}

/// maxps also takes its second operand for a NaN.
K_INLINE_VNNI __m512i rounded(const quantiser *q, __m512 v, int tame) {
    v = _mm512_max_ps(_mm512_mul_ps(v, q->multiplier), q->low);
    return _mm512_cvtps_epi32(tame ? v : _mm512_min_ps(v, q->high));
}

/// Four vectors as 64 bytes in order.
K_INLINE_VNNI __m512i bytes_of(const quantiser *q, __m512i a, __m512i b, __m512i c, __m512i d) {
    const __m512i ab = _mm512_adds_epi16(_mm512_packs_epi32(a, b), q->zero);
    const __m512i cd = _mm512_adds_epi16(_mm512_packs_epi32(c, d), q->zero);
    const __m512i all = _mm512_xor_si512(_mm512_packs_epi16(ab, cd), _mm512_set1_epi8(-128));
    return _mm512_permutexvar_epi32(q->order, all);
}

K_INLINE_VNNI void quantise_values(const quantiser *q, const float *x, size_t n, int8_t *out, int tame) {
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        __m512i y[4];
        for (int k = 0; k < 4; k++) y[k] = rounded(q, _mm512_loadu_ps(x + i + 16 * k), tame);
        _mm512_storeu_si512(out + i, bytes_of(q, y[0], y[1], y[2], y[3]));
    }
    for (; i < n; i += 16) {
        const __m512i y = rounded(q, _mm512_maskz_loadu_ps(first(n - i), x + i), tame);
        _mm_mask_storeu_epi8(out + i, first(n - i), _mm512_castsi512_si128(bytes_of(q, y, y, y, y)));
    }
}

K_INLINE_VNNI void quantise(const quantiser *q, const float *x, size_t n, int8_t *out) {
    if (q->tame)
        quantise_values(q, x, n, out, 1);
    else
        quantise_values(q, x, n, out, 0);
}

K_VNNI k_quantization k_hybrid_quantise_avx512(const k_hybrid_range *all, const k_hybrid_range *r, int8_t *out) {
    bounds b = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    for (int32_t y = 0; y < all->rows; y++)
        for (int32_t x = 0; x < all->columns; x++)
            b = widen_all(b, all->values + (y * all->row_step + x * all->column_step), all->length);
    float multiplier;
    const float low = _mm512_reduce_min_ps(b.low), high = _mm512_reduce_max_ps(b.high);
    const k_quantization q = k_hybrid_quantization(low, high, &multiplier);
    const quantiser how = quantiser_of(multiplier, q.zero, high - low <= FLT_MAX && multiplier <= FLT_MAX);
    for (int32_t y = 0; y < r->rows; y++, out += r->output_row_step)
        for (int32_t x = 0; x < r->columns; x++)
            quantise(&how, r->values + (y * r->row_step + x * r->column_step), r->length, out + (size_t)x * r->length);
    return q;
}

// The least, or the greatest, of each of eight vectors: pairs of them are interleaved and halved, three times, until
// each has a lane.
#define EIGHT(NAME, OF)                                                                                       \
    K_INLINE_VNNI __m256 NAME(const __m512 v[8]) {                                                            \
        __m512 p[4], q[2];                                                                                    \
        for (int i = 0; i < 4; i++)                                                                           \
            p[i] = OF(_mm512_unpacklo_ps(v[2 * i], v[2 * i + 1]), _mm512_unpackhi_ps(v[2 * i], v[2 * i + 1])); \
        for (int i = 0; i < 2; i++) {                                                                         \
            const __m512d a = _mm512_castps_pd(p[2 * i]), b = _mm512_castps_pd(p[2 * i + 1]);                 \
            q[i] = OF(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b))); \
        }                                                                                                     \
        __m512 r = OF(_mm512_shuffle_f32x4(q[0], q[1], 0x44), _mm512_shuffle_f32x4(q[0], q[1], 0xee));        \
        r = OF(r, _mm512_shuffle_f32x4(r, r, 0xb1));                                                          \
        r = _mm512_shuffle_f32x4(r, r, 0x08);                                                                 \
        return _mm512_castps512_ps256(r);                                                                     \
    }
EIGHT(least, _mm512_min_ps)
EIGHT(greatest, _mm512_max_ps)
#undef EIGHT

/// k_hybrid_quantization of eight ranges at once.
K_VNNI void k_hybrid_quantise_pixels_avx512(const float *const x[8], size_t n, int8_t *out, size_t pitch,
                                            k_hybrid_rows *rows) {
    __m512 lows[8], highs[8];
    for (int r = 0; r < 8; r++) {
        bounds b = {_mm512_setzero_ps(), _mm512_setzero_ps()};
        for (size_t i = 0; i < n; i += 16) b = widen(b, _mm512_maskz_loadu_ps(first(n - i), x[r] + i));
        lows[r] = b.low;
        highs[r] = b.high;
    }
    const __m256 low = least(lows), high = greatest(highs), range = _mm256_sub_ps(high, low);
    const __m256 one = _mm256_set1_ps(1), least_zero = _mm256_set1_ps(-128), greatest_zero = _mm256_set1_ps(127);
    const __m256 multiplier = _mm256_mask_blend_ps(_mm256_cmp_ps_mask(low, high, _CMP_EQ_OQ),
                                                   _mm256_div_ps(_mm256_set1_ps(255), range), one);
    const __m256 from_low = _mm256_mul_ps(low, multiplier), from_high = _mm256_mul_ps(high, multiplier);
    const __m256 error = _mm256_add_ps(_mm256_add_ps(least_zero, from_low), _mm256_add_ps(greatest_zero, from_high));
    __m256 zero = _mm256_mask_blend_ps(_mm256_cmp_ps_mask(error, _mm256_setzero_ps(), _CMP_GT_OQ),
                                       _mm256_sub_ps(greatest_zero, from_high), _mm256_sub_ps(least_zero, from_low));
    zero = _mm256_min_ps(_mm256_max_ps(zero, least_zero), greatest_zero);
    const __m256i zeros = _mm256_cvtps_epi32(zero);
    const __m256 most = _mm256_set1_ps(FLT_MAX);
    const __mmask8 tame = _mm256_cmp_ps_mask(range, most, _CMP_LE_OQ) & _mm256_cmp_ps_mask(multiplier, most, _CMP_LE_OQ);
    _mm256_storeu_ps(rows->scales, _mm256_div_ps(one, multiplier));
    _mm256_storeu_si256((__m256i *)rows->folds, _mm256_sub_epi32(_mm256_set1_epi32(-128), zeros));
    float multipliers[8];
    int32_t each[8];
    _mm256_storeu_ps(multipliers, multiplier);
    _mm256_storeu_si256((__m256i *)each, zeros);
    for (int r = 0; r < 8; r++, out += pitch) {
        const quantiser how = quantiser_of(multipliers[r], each[r], tame == 0xff);
        quantise(&how, x[r], n, out);
    }
}
#endif
