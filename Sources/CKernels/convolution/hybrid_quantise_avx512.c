#if defined(__x86_64__)
#include "hybrid.h"
#include "s8_vnni.h"

static inline __mmask16 first(size_t n) { return n < 16 ? (__mmask16)((1u << n) - 1) : 0xffff; }

/// minps and maxps give their second operand where one is a NaN, which so is passed over.
K_INLINE_VNNI void widen(const float *x, size_t n, __m512 low[4], __m512 high[4]) {
    size_t i = 0;
    for (; i + 64 <= n; i += 64)
        for (int k = 0; k < 4; k++) {
            const __m512 v = _mm512_loadu_ps(x + i + 16 * k);
            low[k] = _mm512_min_ps(v, low[k]);
            high[k] = _mm512_max_ps(v, high[k]);
        }
    for (; i < n; i += 16) {
        const __m512 v = _mm512_maskz_loadu_ps(first(n - i), x + i);
        low[0] = _mm512_min_ps(v, low[0]);
        high[0] = _mm512_max_ps(v, high[0]);
    }
}

K_INLINE_VNNI void quantise(const float *x, size_t n, float multiplier, int32_t zero, int8_t *out) {
    const __m512 scale = _mm512_set1_ps(multiplier);
    const __m512 low = _mm512_set1_ps((float)(-128 - zero)), high = _mm512_set1_ps((float)(127 - zero));
    const __m512i zeros = _mm512_set1_epi32(zero);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 mask = first(n - i);
        __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), scale);
        v = _mm512_min_ps(_mm512_max_ps(v, low), high);
        _mm_mask_storeu_epi8(out + i, mask, _mm512_cvtepi32_epi8(_mm512_add_epi32(_mm512_cvtps_epi32(v), zeros)));
    }
}

K_VNNI k_quantization k_hybrid_quantise_avx512(const k_hybrid_range *all, const k_hybrid_range *r, int8_t *out) {
    __m512 low[4], high[4];
    for (int k = 0; k < 4; k++) low[k] = high[k] = _mm512_setzero_ps();
    for (int32_t y = 0; y < all->rows; y++)
        for (int32_t x = 0; x < all->columns; x++)
            widen(all->values + (y * all->row_step + x * all->column_step), all->length, low, high);
    for (int k = 1; k < 4; k++) {
        low[0] = _mm512_min_ps(low[0], low[k]);
        high[0] = _mm512_max_ps(high[0], high[k]);
    }
    float multiplier;
    const k_quantization q = k_hybrid_quantization(_mm512_reduce_min_ps(low[0]), _mm512_reduce_max_ps(high[0]),
                                                   &multiplier);
    for (int32_t y = 0; y < r->rows; y++, out += r->output_row_step)
        for (int32_t x = 0; x < r->columns; x++)
            quantise(r->values + (y * r->row_step + x * r->column_step), r->length, multiplier, q.zero,
                     out + (size_t)x * r->length);
    return q;
}
#endif
