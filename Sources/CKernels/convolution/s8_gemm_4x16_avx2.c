#if defined(__x86_64__)
#include <immintrin.h>

#include "f32_clamp_avx2.h"
#include "hybrid.h"
#include "kernels.h"
#include "s8_gemv.h"

#define K_INLINE_AVX2 K_AVX2 static inline __attribute__((always_inline))

enum { LINE = K_AVX2_DEPTH + K_GROUP }; // of a pixel's taps, so that lines don't share sets of the cache

/// A pixel's taps as int16, one segment after the other.
K_INLINE_AVX2 void widen(const k_s8_panels *p, int32_t row, int16_t *to) {
    const int8_t *x = p->rows[row];
    int32_t segment = p->segments;
    for (int32_t g = p->groups;; g = p->later_groups) {
        for (; g > 1; g -= 2, x += 2 * K_GROUP, to += 2 * K_GROUP)
            _mm256_storeu_si256((__m256i *)to, _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)x)));
        if (g) {
            _mm_storeu_si128((__m128i *)to, _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)x)));
            x += K_GROUP, to += K_GROUP;
        }
        if (--segment == 0) return;
        x += p->skips[row];
    }
}

/// n ≤ 16 filters in `lanes` / 8 vectors, of `rows` pixels. Pairs of taps are multiplied by pairs of weights that
/// vpmovsxbw widens: of 18 vector operations for 128 products 8 are vpmaddwd and 8 vpaddd.
K_INLINE_AVX2 const uint8_t *panel(const k_s8_panels *p, const uint8_t *packed, int16_t taps[][LINE], size_t groups,
                                   int32_t c, int32_t n, int32_t rows, int32_t lanes, int hybrid) {
    const int32_t *bias = (const int32_t *)packed, vectors = lanes / 8;
    const float *scale = (const float *)(bias + lanes);
    const uint8_t *w = (const uint8_t *)(scale + lanes);
    // One pixel's sums wait for each other: two of each take turns.
    const int32_t turns = rows == 1 ? 2 : 1;
    __m256i acc[2][K_TILE_PIXELS][2];
    for (int32_t t = 0; t < turns; t++)
        for (int32_t r = 0; r < rows; r++)
            for (int32_t h = 0; h < vectors; h++) {
                acc[t][r][h] = t ? _mm256_setzero_si256() : _mm256_loadu_si256((const __m256i *)bias + h);
                if (hybrid && !t)
                    acc[t][r][h] = _mm256_mullo_epi32(acc[t][r][h], _mm256_set1_epi32(p->hybrid->folds[r]));
            }
    const int16_t *x = taps[0], *const end = x + groups * K_GROUP;
#pragma clang loop unroll(disable)
    for (; x < end; x += K_GROUP, w += K_GROUP * n)
        for (int32_t k = 0; k < K_GROUP / 2; k++) {
            __m256i weights[2];
            for (int32_t h = 0; h < vectors; h++)
                weights[h] = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + 2 * n * k + 16 * h)));
            for (int32_t r = 0; r < rows; r++) {
                int32_t pair;
                memcpy(&pair, x + r * LINE + 2 * k, sizeof pair);
                const __m256i pairs = _mm256_set1_epi32(pair);
                for (int32_t h = 0; h < vectors; h++)
                    acc[k % turns][r][h] = _mm256_add_epi32(acc[k % turns][r][h], _mm256_madd_epi16(pairs, weights[h]));
            }
        }
    for (int32_t r = 0; r < rows && turns > 1; r++)
        for (int32_t h = 0; h < vectors; h++) acc[0][r][h] = _mm256_add_epi32(acc[0][r][h], acc[1][r][h]);
    w += k_round_up(groups, 4);
    if (hybrid) {
        const float *float_bias = (const float *)w;
        float *output = (float *)p->output + c;
        for (int32_t r = 0; r < rows; r++, output += p->output_stride / sizeof *output)
            for (int32_t h = 0; h < vectors; h++) {
                const __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(acc[0][r][h]), _mm256_set1_ps(p->hybrid->scales[r]));
                k_clamp_store_avx2(_mm256_fmadd_ps(v, _mm256_loadu_ps(scale + 8 * h), _mm256_loadu_ps(float_bias + 8 * h)),
                                   p->hybrid->low, p->hybrid->high, output + 8 * h, k_min(n - 8 * h, 8));
            }
        return w + (size_t)lanes * sizeof(float);
    }
    const __m128i zero = _mm_set1_epi16((int16_t)p->output_zero);
    const __m128i low = _mm_set1_epi8((int8_t)p->low), high = _mm_set1_epi8((int8_t)p->high);
    int8_t *output = (int8_t *)p->output + c;
    for (int32_t r = 0; r < rows; r++, output += p->output_stride) {
        __m128i words[2] = {zero, zero};
        for (int32_t h = 0; h < vectors; h++) {
            const __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(acc[0][r][h]), _mm256_loadu_ps(scale + 8 * h));
            const __m256i y = _mm256_cvtps_epi32(v);
            // pack() proved that it fits int16, also after the zero point is added.
            const __m128i y16 = _mm_packs_epi32(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
            words[h] = _mm_add_epi16(y16, zero);
        }
        const __m128i y8 = _mm_min_epi8(_mm_max_epi8(_mm_packs_epi16(words[0], words[1]), low), high);
        if (n == K_PANEL) {
            _mm_storeu_si128((__m128i *)output, y8);
        } else if (n == K_HALF_PANEL) {
            _mm_storel_epi64((__m128i *)output, y8);
        } else {
            int64_t bytes = _mm_cvtsi128_si64(y8);
            for (int32_t i = 0; i < n; i++, bytes >>= 8) output[i] = (int8_t)bytes;
        }
    }
    return w;
}

K_INLINE_AVX2 void panels(const k_s8_panels *p, int32_t rows, int hybrid) {
    int16_t taps[K_TILE_PIXELS][LINE];
    for (int32_t r = 0; r < rows; r++) widen(p, r, taps[r]);
    const uint8_t *packed = p->panels;
    const size_t groups = k_panels_groups(p);
    int32_t c = 0;
    for (; c + K_PANEL <= p->filters; c += K_PANEL)
        packed = panel(p, packed, taps, groups, c, K_PANEL, rows, K_PANEL, hybrid);
    for (; c + K_HALF_PANEL <= p->filters; c += K_HALF_PANEL)
        packed = panel(p, packed, taps, groups, c, K_HALF_PANEL, rows, K_HALF_PANEL, hybrid);
    if (c < p->filters) panel(p, packed, taps, groups, c, p->filters - c, rows, K_HALF_PANEL, hybrid);
}

K_INLINE_AVX2 void all_tiles(k_s8_panels *p, int hybrid) {
    int32_t tiles = p->tiles;
    do panels(p, K_TILE_PIXELS, hybrid);
    while (k_panels_next(p, K_TILE_PIXELS, &tiles));
}

K_AVX2 static void four(k_s8_panels *p) { all_tiles(p, 0); }
K_AVX2 static void one(k_s8_panels *p) { panels(p, 1, 0); }
K_AVX2 static void hybrid_four(k_s8_panels *p) { all_tiles(p, 1); }
K_AVX2 static void hybrid_one(k_s8_panels *p) { panels(p, 1, 1); }

/// int8 convolution with AVX2, 4 pixels by 16 channels, two taps at a time.
void s8_gemm_4x16_avx2(const void *block) {
    const k_s8_convolution *b = block;
    if (k_s8_proved(b->weights) && !k_s8_is_gemv(b->weights))
        k_s8_panels_run(b, k_s8_panels_walk, 2, four, one);
    else
        s8_gemm_4x8c2_avx2(b);
}

/// Hybrid convolution: the same loops, another end.
void hybrid_gemm_4x16_avx2(const void *block) {
    static const k_hybrid_kernel kernel = {k_s8_panels_walk, k_hybrid_quantise_avx2, hybrid_four, hybrid_one, 2,
                                           K_TILE_PIXELS, 0};
    k_hybrid_panels_run(block, &kernel);
}
#endif
