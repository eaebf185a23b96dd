#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "s8_gemv.h"

#define K_INLINE_AVX2 K_AVX2 static inline __attribute__((always_inline))

// vpmaddubsw wants one factor without a sign: |x| by w or −w. As no weight is −128, the sum of two such
// products fits int16.

/// Sums of four products, to eight filters (or to eight parts of one).
K_INLINE_AVX2 __m256i dot(__m256i acc, __m256i x, const int8_t *w) {
    const __m256i signs = _mm256_sign_epi8(_mm256_loadu_si256((const __m256i *)w), x);
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), signs);
    return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/// The same for sixteen taps of one filter, two products to a lane.
K_INLINE_AVX2 __m256i dot16(__m256i acc, const int8_t *x, const int8_t *w) {
    const __m256i taps = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)x));
    const __m256i weights = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)w));
    return _mm256_add_epi32(acc, _mm256_madd_epi16(taps, weights));
}

/// `count` steps of four taps by sixteen filters, two sums taking turns.
K_INLINE_AVX2 void multiply_panel(__m256i acc[2][2], const int8_t *x, const int8_t *w, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        int32_t taps;
        memcpy(&taps, x + 4 * i, sizeof taps);
        for (int32_t h = 0; h < 2; h++)
            acc[i % 2][h] = dot(acc[i % 2][h], _mm256_set1_epi32(taps), w + 64 * i + 32 * h);
    }
}

/// One filter: `units` of sixteen taps, and those at `last` if there are any.
K_INLINE_AVX2 int32_t multiply_row(const int8_t *x, const int8_t *w, int32_t units, const int8_t *last) {
    __m256i acc[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (; units >= 4; units -= 4, x += 64, w += 64)
        for (int32_t h = 0; h < 2; h++)
            acc[h] = dot(acc[h], _mm256_loadu_si256((const __m256i *)(x + 32 * h)), w + 32 * h);
    for (; units > 0; units--, x += K_GEMV_UNIT, w += K_GEMV_UNIT)
        acc[0] = dot16(acc[0], x, w);
    if (last) acc[1] = dot16(acc[1], last, w);
    const __m256i both = _mm256_add_epi32(acc[0], acc[1]);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

typedef struct {
    __m256i zero;
    __m128i low, high;
} clamps;

/// Sixteen scaled accumulators, which pack() proved fit int16.
K_INLINE_AVX2 __m128i requantise(const __m256i acc[2], const uint8_t *scales, clamps c) {
    __m256i y[2];
    for (int32_t h = 0; h < 2; h++)
        y[h] = _mm256_cvtps_epi32(
            _mm256_mul_ps(_mm256_cvtepi32_ps(acc[h]), _mm256_loadu_ps((const float *)scales + 8 * h)));
    const __m256i y16 = _mm256_adds_epi16(_mm256_packs_epi32(y[0], y[1]), c.zero);
    const __m128i y8 = _mm_packs_epi16(_mm256_castsi256_si128(y16), _mm256_extracti128_si256(y16, 1));
    return _mm_min_epi8(_mm_max_epi8(_mm_shuffle_epi32(y8, 0xd8), c.low), c.high);
}

/// A matrix times a vector with AVX2, 16 filters at a time: 11 operations for 64 products.
K_AVX2 void s8_gemv_16_avx2(const void *block) {
    const k_s8_convolution *b = block;
    const k_s8_gemv_header *header = b->weights;
    const int32_t depth = header->depth;
    const uint8_t *packed = (const uint8_t *)b->weights + K_PANEL_HEADER;
    const clamps c = {_mm256_set1_epi16((int16_t)b->output_zero), _mm_set1_epi8((int8_t)b->output_min),
                      _mm_set1_epi8((int8_t)b->output_max)};
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
            const __m256i *bias = (const __m256i *)packed, none = _mm256_setzero_si256();
            __m256i acc[2][2] = {{_mm256_loadu_si256(bias), _mm256_loadu_si256(bias + 1)}, {none, none}};
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
            for (int32_t h = 0; h < 2; h++) acc[0][h] = _mm256_add_epi32(acc[0][h], acc[1][h]);
            if (left < K_PANEL) output -= K_PANEL - left;
            _mm_storeu_si128((__m128i *)output, requantise(acc[0], packed + 64, c));
            packed = (const uint8_t *)w;
            output += K_PANEL;
            left -= K_PANEL;
        } while (left > K_HALF_PANEL);
        if (left <= 0) return;
    }
    if (depth < K_GEMV_UNIT) length = K_GEMV_UNIT;
    const int32_t units = length / K_GEMV_UNIT;
    const int8_t *last = length % K_GEMV_UNIT ? x + (length - K_GEMV_UNIT) : NULL, *w = (const int8_t *)packed + 128;
    int32_t sums[K_PANEL] = {0};
    for (int32_t i = 0; i < left; i++, w += (units + (last != NULL)) * K_GEMV_UNIT)
        sums[i] = k_add(((const int32_t *)packed)[i], multiply_row(x, w, units, last));
    const __m256i acc[2] = {_mm256_loadu_si256((const __m256i *)sums), _mm256_loadu_si256((const __m256i *)sums + 1)};
    int8_t y[K_PANEL];
    _mm_storeu_si128((__m128i *)y, requantise(acc, packed + 64, c));
    k_s8_gemv_copy(y, left, output);
}
#endif
