#if defined(__x86_64__)
#include "f32_clamp_avx512.h"
#include "hybrid.h"
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_vnni.h"

// Four taps to all lanes, 128 added to them unless they are flipped already.
K_INLINE_VNNI __m512i broadcast(const int8_t *x, int flipped) {
    const __m512i flip = _mm512_set1_epi8(-128);
    __m512i t;
#if defined(K_EMULATED) // Tests/AVX512
    int32_t taps;
    memcpy(&taps, x, sizeof taps);
    t = _mm512_set1_epi32(taps);
    if (!flipped) t = _mm512_xor_si512(t, flip);
#else // one instruction each; a compiler makes three of it
    if (flipped)
        __asm__("vpbroadcastd %1, %0" : "=v"(t) : "m"(*(const int8_t(*)[4])x));
    else
        __asm__("vpxord %1%{1to16%}, %2, %0" : "=v"(t) : "m"(*(const int8_t(*)[4])x), "v"(flip));
#endif
    return t;
}

/// Adds `steps` steps of 4 taps, from the `at`th of each row on.
K_INLINE_VNNI void multiply(__m512i acc[][2][8], const int8_t *const *x, ptrdiff_t at, const int8_t *w, size_t bytes,
                            int32_t rows, int32_t count, int32_t chains, int32_t n, int flipped, int32_t steps) {
    const __mmask16 mask = (__mmask16)((1u << n) - 1);
    for (int32_t k = 0; k < steps; k++) {
        __m512i weights[2];
        for (int32_t i = 0; i < count; i++)
            weights[i] = _mm512_maskz_loadu_epi32(mask, w + bytes * (size_t)i + 4 * n * k);
        for (int32_t r = 0; r < rows; r++) {
            const __m512i t = broadcast(x[r] + at + 4 * k, flipped);
            for (int32_t i = 0; i < count; i++)
                acc[r][i][k % chains] = _mm512_dpbusd_epi32(acc[r][i][k % chains], t, weights[i]);
        }
    }
}

K_INLINE_VNNI __m512i total(const __m512i *acc, int32_t chains) {
    __m512i sum = acc[0];
    for (int32_t k = 1; k < chains; k++) sum = _mm512_add_epi32(sum, acc[k]);
    return sum;
}

/// Hybrid: the sums as floats. A panel's biases come after its weights, which end at `end` in the first.
K_INLINE_VNNI void store_floats(const k_s8_panels *p, __m512i acc[][2][8], const uint8_t *packed, size_t bytes,
                                int32_t rows, int32_t count, int32_t chains, int32_t c, int32_t n,
                                const int8_t *end) {
    const __mmask16 mask = (__mmask16)((1u << n) - 1);
    const uint8_t *scales = packed + k_panel_lanes(n) * (int32_t)sizeof(int32_t);
    const float least = p->hybrid->low, most = p->hybrid->high; // for the compiler a store could change them
    for (int32_t i = 0; i < count; i++) {
        const __m512 scale = _mm512_maskz_loadu_ps(mask, scales + bytes * (size_t)i);
        const __m512 bias = _mm512_maskz_loadu_ps(mask, end + bytes * (size_t)i);
        for (int32_t r = 0; r < rows; r++) {
            __m512 v = _mm512_cvtepi32_ps(total(acc[r][i], chains));
            v = _mm512_mul_ps(v, _mm512_set1_ps(p->hybrid->scales[r]));
            v = _mm512_fmadd_ps(v, scale, bias);
            float *output = (float *)(p->output + (size_t)r * p->output_stride) + c + K_PANEL * i;
            k_clamp_store_avx512(v, least, most, output, mask);
        }
    }
}

/// Whole panels' bytes: four vectors at a time, of two pixels by two panels or of four pixels.
K_INLINE_VNNI void store_bytes(const k_s8_panels *p, __m512i acc[][2][8], const uint8_t *packed, size_t bytes, int32_t rows,
                               int32_t count, int32_t c) {
    const k_clamps4_vnni clamps = k_clamps4_of(p->output_zero, p->low, p->high);
    const size_t stride = p->output_stride;
    __m512 scale[2];
    for (int32_t i = 0; i < count; i++) scale[i] = _mm512_loadu_ps(packed + K_PANEL * sizeof(int32_t) + bytes * (size_t)i);
    for (int32_t r = 0; r < rows; r += 4 / count) {
        int8_t *output = (int8_t *)p->output + (size_t)r * stride + c;
        __m512i y[4];
        for (int32_t k = 0; k < 4; k++) y[k] = k_round_vnni(acc[r + k / count][k % count][0], scale[k % count]);
        const __m512i all = k_clamp4_vnni(y[0], y[1], y[2], y[3], clamps);
        if (count == 2) {
            _mm256_storeu_si256((__m256i *)output, _mm512_castsi512_si256(all));
            _mm256_storeu_si256((__m256i *)(output + stride), _mm512_extracti64x4_epi64(all, 1));
        } else {
            _mm_storeu_si128((__m128i *)output, _mm512_castsi512_si128(all));
            _mm_storeu_si128((__m128i *)(output + stride), _mm512_extracti32x4_epi32(all, 1));
            _mm_storeu_si128((__m128i *)(output + 2 * stride), _mm512_extracti32x4_epi32(all, 2));
            _mm_storeu_si128((__m128i *)(output + 3 * stride), _mm512_extracti32x4_epi32(all, 3));
        }
    }
}

/// `rows` pixels by `count` panels of n filters, which lie `bytes` apart. vpdpbusd takes unsigned
/// taps, so 128 is added to them (by flipping a bit) and taken off in the bias. Every pair of pixel and panel has
/// `chains` sums, of steps that take turns: 8 of them must be under way lest vpdpbusd wait for itself. Its one unit is what
/// bounds 8 pixels by 2 panels, and 8 by one whose taps are flipped already: a flip here takes its turn there.
K_INLINE_VNNI void panels(const k_s8_panels *p, const uint8_t *packed, size_t groups, size_t bytes, int32_t rows,
                          int32_t count, int32_t chains, int32_t c, int32_t n, int hybrid, int band) {
    const int flipped = hybrid || band;
    const int32_t lanes = k_panel_lanes(n);
    const __mmask16 mask = (__mmask16)((1u << n) - 1);
    const int8_t *x[K_PANEL_PIXELS], *w = (const int8_t *)packed + lanes * (int32_t)(sizeof(int32_t) + sizeof(float));
    __m512i acc[K_PANEL_PIXELS][2][8];
    for (int32_t r = 0; r < rows; r++) {
        x[r] = p->rows[r];
        for (int32_t i = 0; i < count; i++) {
            acc[r][i][0] = _mm512_maskz_loadu_epi32(mask, packed + bytes * (size_t)i);
            if (hybrid) acc[r][i][0] = _mm512_mullo_epi32(acc[r][i][0], _mm512_set1_epi32(p->hybrid->folds[r]));
            for (int32_t k = 1; k < chains; k++) acc[r][i][k] = _mm512_setzero_si512();
        }
    }
    ptrdiff_t at = 0;
    for (int32_t segment = p->segments, g = p->groups;;) {
        if (band) {
            for (; g > 3; g -= 4, w += 16 * n, at += 16)
                multiply(acc, x, at, w, bytes, rows, count, chains, n, flipped, 4);
            for (; g > 0; g--, w += 4 * n, at += 4) multiply(acc, x, at, w, bytes, rows, count, chains, n, flipped, 1);
        } else {
            if (chains == 8)
                for (; g > 3; g -= 4, w += 4 * K_GROUP * n, at += 4 * K_GROUP)
                    multiply(acc, x, at, w, bytes, rows, count, chains, n, flipped, 8);
            for (; g > 0; g--, w += K_GROUP * n, at += K_GROUP)
                multiply(acc, x, at, w, bytes, rows, count, chains, n, flipped, 2);
        }
        if (--segment == 0) break;
        if (band) // all alike
            at += p->skips[0];
        else
            for (int32_t r = 0; r < rows; r++) x[r] += p->skips[r];
        g = p->later_groups;
    }
    if (hybrid) {
        const int8_t *end = (const int8_t *)packed + (size_t)lanes * 8 + groups * K_GROUP * (size_t)n;
        store_floats(p, acc, packed, bytes, rows, count, chains, c, n, end);
        return;
    }
    if (rows % 4 == 0 && n == K_PANEL) {
        for (int32_t r = 0; r < rows; r++)
            for (int32_t i = 0; i < count; i++) acc[r][i][0] = total(acc[r][i], chains);
        store_bytes(p, acc, packed, bytes, rows, count, c);
        return;
    }
    const k_clamps_vnni clamps = k_clamps_of(p->output_zero, p->low, p->high);
    const __m512 scale = _mm512_maskz_loadu_ps(mask, packed + lanes * (int32_t)sizeof(int32_t));
    for (int32_t r = 0; r < rows; r++) {
        const __m512i sum = total(acc[r][0], chains);
        int8_t *output = (int8_t *)p->output + (size_t)r * p->output_stride + c;
        _mm_mask_storeu_epi8(output, mask, k_scale_vnni(sum, scale, clamps));
    }
}

/// The same for a half panel, in halves of vectors: two vpdpbusd of those fit one of a whole.
K_INLINE_VNNI void half_panel(const k_s8_panels *p, const uint8_t *packed, size_t groups, int32_t rows, int32_t chains,
                              int32_t c, int32_t n, int hybrid, int band) {
    const int flipped = hybrid || band;
    const __mmask8 mask = (__mmask8)((1u << n) - 1);
    const uint8_t *scales = packed + K_HALF_PANEL * sizeof(int32_t);
    const int8_t *x[K_PANEL_PIXELS], *const weights = (const int8_t *)(scales + K_HALF_PANEL * sizeof(float)), *w = weights;
    __m256i acc[K_PANEL_PIXELS][2];
    for (int32_t r = 0; r < rows; r++) {
        x[r] = p->rows[r];
        acc[r][0] = _mm256_maskz_loadu_epi32(mask, packed);
        if (hybrid) acc[r][0] = _mm256_mullo_epi32(acc[r][0], _mm256_set1_epi32(p->hybrid->folds[r]));
        acc[r][1] = _mm256_setzero_si256();
    }
    ptrdiff_t at = 0;
    const int32_t steps = band ? 1 : 2;
    for (int32_t segment = p->segments, g = p->groups;;) {
#pragma clang loop unroll_count(2)
        for (; g > 0; g--, w += 4 * n * steps, at += 4 * steps)
            for (int32_t k = 0; k < steps; k++) {
                const __m256i taps = _mm256_maskz_loadu_epi32(mask, w + 4 * n * k);
                for (int32_t r = 0; r < rows; r++) {
                    const __m256i t = _mm512_castsi512_si256(broadcast(x[r] + at + 4 * k, flipped));
                    acc[r][k % chains] = _mm256_dpbusd_epi32(acc[r][k % chains], t, taps);
                }
            }
        if (--segment == 0) break;
        if (band)
            at += p->skips[0];
        else
            for (int32_t r = 0; r < rows; r++) x[r] += p->skips[r];
        g = p->later_groups;
    }
    const __m256 scale = _mm256_maskz_loadu_ps(mask, scales);
    const __m256 bias = hybrid ? _mm256_maskz_loadu_ps(mask, weights + groups * K_GROUP * (size_t)n) : scale;
    for (int32_t r = 0; r < rows; r++) {
        const __m256 v = _mm256_cvtepi32_ps(chains == 2 ? _mm256_add_epi32(acc[r][0], acc[r][1]) : acc[r][0]);
        uint8_t *output = p->output + (size_t)r * p->output_stride;
        if (hybrid) {
            const __m256 y = _mm256_fmadd_ps(_mm256_mul_ps(v, _mm256_set1_ps(p->hybrid->scales[r])), scale, bias);
            const __mmask8 is_nan = _mm256_cmp_ps_mask(y, y, _CMP_UNORD_Q);
            const __m256 high = _mm256_set1_ps(p->hybrid->high), low = _mm256_set1_ps(p->hybrid->low);
            const __m256 clamped = _mm256_min_ps(high, _mm256_max_ps(low, y));
            _mm256_mask_storeu_ps((float *)output + c, mask,
                                  _mm256_mask_blend_ps(is_nan, clamped, _mm256_set1_ps(__builtin_nanf(""))));
        } else {
            __m256i y = _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(v, scale)), _mm256_set1_epi32(p->output_zero));
            y = _mm256_min_epi32(_mm256_max_epi32(y, _mm256_set1_epi32(p->low)), _mm256_set1_epi32(p->high));
            _mm_mask_storeu_epi8(output + c, mask, _mm256_cvtepi32_epi8(y));
        }
    }
}

/// All filters, with constants for what loops unroll. One pixel streams its weights once, best as one
/// stream; more pixels share each load of taps between two panels.
K_INLINE_VNNI void all_panels(const k_s8_panels *p, int32_t rows, int hybrid, int band) {
    // A band's are half groups (k_s8_band_row).
    const size_t groups = band ? (k_panels_groups(p) + 1) / 2 : k_panels_groups(p);
    const size_t beside = (hybrid ? 3 : 2) * sizeof(int32_t), bytes = K_PANEL * (beside + groups * K_GROUP);
    const uint8_t *packed = p->panels;
    int32_t c = 0;
    for (; rows > 1 && c + 2 * K_PANEL <= p->filters; c += 2 * K_PANEL, packed += 2 * bytes)
        panels(p, packed, groups, bytes, rows, 2, 1, c, K_PANEL, hybrid, band);
    for (; c + K_PANEL <= p->filters; c += K_PANEL, packed += bytes)
        panels(p, packed, groups, 0, rows, 1, 8 / rows, c, K_PANEL, hybrid, band);
    for (int32_t n; c < p->filters; c += n) {
        n = k_min(p->filters - c, K_HALF_PANEL);
        if (rows > 1)
            half_panel(p, packed, groups, rows, 8 / rows, c, n, hybrid, band);
        else
            panels(p, packed, groups, 0, 1, 1, 8, c, n, hybrid, band);
        packed += (size_t)K_HALF_PANEL * beside + groups * K_GROUP * (size_t)n;
    }
}

K_INLINE_VNNI void all_tiles(k_s8_panels *p, int32_t rows, int hybrid, int band) {
    int32_t tiles = p->tiles;
    do all_panels(p, rows, hybrid, band);
    while (k_panels_next(p, rows, &tiles));
}

K_INLINE_VNNI void four_or_eight(k_s8_panels *p, int hybrid) {
    if (p->band)
        p->pixels == 8 ? all_tiles(p, 8, hybrid, 1) : all_tiles(p, 4, hybrid, 1);
    else
        p->pixels == 8 ? all_tiles(p, 8, hybrid, 0) : all_tiles(p, 4, hybrid, 0);
}

K_VNNI static void four(k_s8_panels *p) { four_or_eight(p, 0); }
K_VNNI static void one(k_s8_panels *p) { p->band ? all_panels(p, 1, 0, 1) : all_panels(p, 1, 0, 0); }
K_VNNI static void hybrid_four(k_s8_panels *p) { four_or_eight(p, 1); }
K_VNNI static void hybrid_one(k_s8_panels *p) { p->band ? all_panels(p, 1, 1, 1) : all_panels(p, 1, 1, 0); }

#define K_WALK walk
#define K_LINKAGE static
#define K_DRIVER K_VNNI
#define K_EIGHT_PIXELS
#include "s8_panels_run.h"

size_t k_s8_band_row(const k_convolution_shape *s) {
    const k_s8_convolution b = {.shape = *s};
    k_s8_panels p = {.hybrid = NULL};
    const layer l = describe(&b, &p);
    return l.row_taps == l.width ? 0 : (size_t)l.row_taps;
}

/// int8 convolution with AVX-512 VNNI, 8, 4 or 1 pixels by 32 or 16 channels.
void s8_gemm_8x32_avx512vnni(const void *block) {
    k_s8_convolution b = *(const k_s8_convolution *)block;
    if (k_s8_is_gemv(b.weights)) {
        s8_gemv_16_avx512vnni(block);
    } else if (k_s8_proved(b.weights)) {
        k_s8_panels_run(&b, walk, 4, four, one);
    } else {
        s8_gemm_4x8c2_avx2(block);
    }
}

/// Hybrid convolution: the same loops, another end.
void hybrid_gemm_8x32_avx512vnni(const void *block) {
    static const k_hybrid_kernel kernel = {walk, k_hybrid_quantise_avx512, hybrid_four, hybrid_one, 4, 8, -128};
    k_hybrid_panels_run(block, &kernel);
}
#endif
