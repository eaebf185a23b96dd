#if defined(__x86_64__)
#include <immintrin.h>

#include "hybrid.h"

#define K_INLINE_AVX2 K_AVX2 static inline __attribute__((always_inline))

/// minps and maxps give their second operand where one is a NaN, which so is passed over.
K_INLINE_AVX2 void widen(const float *x, size_t n, __m256 low[4], __m256 high[4]) {
    size_t i = 0;
    for (; i + 32 <= n; i += 32)
        for (int k = 0; k < 4; k++) {
            const __m256 v = _mm256_loadu_ps(x + i + 8 * k);
            low[k] = _mm256_min_ps(v, low[k]);
            high[k] = _mm256_max_ps(v, high[k]);
        }
    for (size_t step; i < n; i += step) {
        step = n - i < 8 ? 1 : 8;
        const __m256 v = step == 8 ? _mm256_loadu_ps(x + i) : _mm256_set1_ps(x[i]);
        low[0] = _mm256_min_ps(v, low[0]);
        high[0] = _mm256_max_ps(v, high[0]);
    }
}

typedef struct {
    __m256 multiplier, low, high;
    __m256i zero;
} quantiser;

K_INLINE_AVX2 __m256i quantise_8(const float *x, const quantiser *q) {
    const __m256 v = _mm256_mul_ps(_mm256_loadu_ps(x), q->multiplier);
    return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(v, q->low), q->high));
}

K_INLINE_AVX2 void quantise_32(const float *x, const quantiser *q, int8_t *out) {
    const __m256i y0 = _mm256_packs_epi32(quantise_8(x, q), quantise_8(x + 8, q));
    const __m256i y1 = _mm256_packs_epi32(quantise_8(x + 16, q), quantise_8(x + 24, q));
    const __m256i y = _mm256_packs_epi16(_mm256_add_epi16(y0, q->zero), _mm256_add_epi16(y1, q->zero));
    // Both packed within halves.
    _mm256_storeu_si256((__m256i *)out, _mm256_permutevar8x32_epi32(y, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
}

K_INLINE_AVX2 void quantise(const float *x, size_t n, float multiplier, int32_t zero, int8_t *out) {
    const quantiser q = {_mm256_set1_ps(multiplier), _mm256_set1_ps((float)(-128 - zero)),
                         _mm256_set1_ps((float)(127 - zero)), _mm256_set1_epi16((int16_t)zero)};
    if (n < 32) {
        // Of a copy, in which more may be read.
        float some[32] = {0};
        int8_t bytes[32];
        memcpy(some, x, n * sizeof *x);
        quantise_32(some, &q, bytes);
        memcpy(out, bytes, n);
        return;
    }
    size_t i = 0;
    for (; i + 32 <= n; i += 32) quantise_32(x + i, &q, out + i);
    // The last overlap those before.
    if (i < n) quantise_32(x + n - 32, &q, out + n - 32);
}

K_AVX2 k_quantization k_hybrid_quantise_avx2(const k_hybrid_range *all, const k_hybrid_range *r, int8_t *out) {
    __m256 low[4], high[4];
    for (int k = 0; k < 4; k++) low[k] = high[k] = _mm256_setzero_ps();
    for (int32_t y = 0; y < all->rows; y++)
        for (int32_t x = 0; x < all->columns; x++)
            widen(all->values + (y * all->row_step + x * all->column_step), all->length, low, high);
    for (int k = 1; k < 4; k++) {
        low[0] = _mm256_min_ps(low[0], low[k]);
        high[0] = _mm256_max_ps(high[0], high[k]);
    }
    __m128 least = _mm_min_ps(_mm256_castps256_ps128(low[0]), _mm256_extractf128_ps(low[0], 1));
    __m128 most = _mm_max_ps(_mm256_castps256_ps128(high[0]), _mm256_extractf128_ps(high[0], 1));
    least = _mm_min_ps(least, _mm_movehl_ps(least, least));
    most = _mm_max_ps(most, _mm_movehl_ps(most, most));
    least = _mm_min_ss(least, _mm_movehdup_ps(least));
    most = _mm_max_ss(most, _mm_movehdup_ps(most));
    float multiplier;
    const k_quantization q = k_hybrid_quantization(_mm_cvtss_f32(least), _mm_cvtss_f32(most), &multiplier);
    for (int32_t y = 0; y < r->rows; y++, out += r->output_row_step)
        for (int32_t x = 0; x < r->columns; x++)
            quantise(r->values + (y * r->row_step + x * r->column_step), r->length, multiplier, q.zero,
                     out + (size_t)x * r->length);
    return q;
}
#endif
