#if defined(__x86_64__)
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_vnni.h"

// vpdpbusd takes unsigned taps: 128 is added to them, by flipping a bit, and taken off in the biases.

/// `count` steps of four taps by sixteen filters, each with a sum of its own, lest vpdpbusd wait for itself.
K_INLINE_VNNI void multiply_panel(__m512i acc[4], const int8_t *x, const int8_t *w, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        int32_t taps;
        memcpy(&taps, x + 4 * i, sizeof taps);
        const __m512i four = _mm512_xor_si512(_mm512_set1_epi32(taps), _mm512_set1_epi8(-128));
        acc[i] = _mm512_dpbusd_epi32(acc[i], four, _mm512_loadu_si512(w + 64 * i));
    }
}

/// One filter: `units` of sixteen taps, and those at `last` if there are any.
K_INLINE_VNNI int32_t multiply_row(const int8_t *x, const int8_t *w, int32_t units, const int8_t *last) {
    __m512i acc = _mm512_setzero_si512();
    for (; units >= 4; units -= 4, x += 64, w += 64) {
        const __m512i taps = _mm512_xor_si512(_mm512_loadu_si512(x), _mm512_set1_epi8(-128));
        acc = _mm512_dpbusd_epi32(acc, taps, _mm512_loadu_si512(w));
    }
    __m128i few = _mm_setzero_si128();
    for (int32_t i = last ? -1 : 0; i < units; i++) {
        const int8_t *from = i < 0 ? last : x + K_GEMV_UNIT * i;
        const int8_t *weights = w + K_GEMV_UNIT * (i < 0 ? units : i);
        const __m128i taps = _mm_xor_si128(_mm_loadu_si128((const __m128i *)from), _mm_set1_epi8(-128));
        few = _mm_dpbusd_epi32(few, taps, _mm_loadu_si128((const __m128i *)weights));
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(acc, _mm512_zextsi128_si512(few)));
}

/// A matrix times a vector with AVX-512 VNNI, 16 filters at a time. Bounded by the loads of weights, which is
/// what a matrix product with nothing to share them is.
K_VNNI void s8_gemv_16_avx512vnni(const void *block) {
    const k_s8_convolution *b = block;
    const k_s8_gemv_header *header = b->weights;
    const int32_t depth = header->depth;
    const uint8_t *packed = (const uint8_t *)b->weights + K_PANEL_HEADER;
    const k_clamps_vnni clamps = k_clamps_of(b->output_zero, b->output_min, b->output_max);
    const int8_t *x = b->input;
    int8_t *output = b->output, few[K_GEMV_UNIT];
    int32_t length = depth, left = header->filters;
    if (depth < K_GEMV_UNIT) {
        x = k_s8_gemv_few(x, depth, few);
        length = (depth + K_GROUP - 1) / K_GROUP * K_GROUP;
    }
    if (left >= K_PANEL) {
        const int32_t tail = length % K_GROUP;
        do {
            __m512i acc[4] = {_mm512_loadu_si512(packed), _mm512_setzero_si512(), _mm512_setzero_si512(),
                              _mm512_setzero_si512()};
            const __m512 scale = _mm512_loadu_ps(packed + 64);
            const int8_t *w = (const int8_t *)packed + 128, *taps = x;
            int32_t n = length;
            for (; n >= 2 * K_GROUP; n -= 2 * K_GROUP, taps += 2 * K_GROUP, w += 2 * K_GROUP * K_PANEL)
                multiply_panel(acc, taps, w, 4);
            if (n >= K_GROUP) {
                multiply_panel(acc, taps, w, 2);
                w += K_GROUP * K_PANEL;
            }
            if (tail) {
                multiply_panel(acc, x + (length - K_GROUP), w, 2);
                w += K_GROUP * K_PANEL;
            }
            packed = (const uint8_t *)w;
            if (left < K_PANEL) output -= K_PANEL - left;
            const __m512i sum = _mm512_add_epi32(_mm512_add_epi32(acc[0], acc[1]), _mm512_add_epi32(acc[2], acc[3]));
            _mm_storeu_si128((__m128i *)output, k_scale_vnni(sum, scale, clamps));
            output += K_PANEL;
            left -= K_PANEL;
        } while (left > K_HALF_PANEL);
        if (left <= 0) return;
    }
    if (depth < K_GEMV_UNIT) length = K_GEMV_UNIT;
    const int32_t units = length / K_GEMV_UNIT;
    const int8_t *last = length % K_GEMV_UNIT ? x + (length - K_GEMV_UNIT) : NULL, *w = (const int8_t *)packed + 128;
    int32_t sums[K_PANEL];
    for (int32_t i = 0; i < left; i++, w += (units + (last != NULL)) * K_GEMV_UNIT)
        sums[i] = multiply_row(x, w, units, last);
    const __mmask16 mask = (__mmask16)((1u << left) - 1);
    const __m512i acc = _mm512_add_epi32(_mm512_maskz_loadu_epi32(mask, sums), _mm512_loadu_si512(packed));
    _mm_mask_storeu_epi8(output, mask, k_scale_vnni(acc, _mm512_loadu_ps(packed + 64), clamps));
}
#endif
