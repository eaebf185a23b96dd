#if defined(__x86_64__)
#include "hybrid.h"
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_vnni.h"

// One instruction; a compiler makes three of it.
K_INLINE_VNNI __m512i broadcast_unsigned(const int8_t *x, __m512i flip) {
    __m512i t;
    __asm__("vpxord %1%{1to16%}, %2, %0" : "=v"(t) : "m"(*(const int8_t(*)[4])x), "v"(flip));
    return t;
}

/// Adds `steps` steps of 4 taps.
K_INLINE_VNNI void multiply(__m512i acc[][2][8], const int8_t **x, const int8_t *w, size_t bytes, int32_t rows,
                            int32_t count, int32_t chains, int32_t n, int32_t steps) {
    const __m512i flip = _mm512_set1_epi8(-128);
    const __mmask16 mask = (__mmask16)((1u << n) - 1);
    for (int32_t k = 0; k < steps; k++) {
        __m512i weights[2];
        for (int32_t i = 0; i < count; i++)
            weights[i] = _mm512_maskz_loadu_epi32(mask, w + bytes * (size_t)i + 4 * n * k);
        for (int32_t r = 0; r < rows; r++) {
            const __m512i t = broadcast_unsigned(x[r], flip);
            x[r] += 4;
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
    const __m512 low = _mm512_set1_ps(p->hybrid->low), high = _mm512_set1_ps(p->hybrid->high);
    const __m512 nan = _mm512_set1_ps(__builtin_nanf(""));
    for (int32_t i = 0; i < count; i++) {
        const __m512 scale = _mm512_maskz_loadu_ps(mask, scales + bytes * (size_t)i);
        const __m512 bias = _mm512_maskz_loadu_ps(mask, end + bytes * (size_t)i);
        for (int32_t r = 0; r < rows; r++) {
            __m512 v = _mm512_cvtepi32_ps(total(acc[r][i], chains));
            v = _mm512_mul_ps(v, _mm512_set1_ps(p->hybrid->scales[r]));
            v = _mm512_fmadd_ps(v, scale, bias);
            const __mmask16 is_nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
            // maxps(a, b) is a > b ? a : b.
            v = _mm512_min_ps(high, _mm512_max_ps(low, v));
            float *output = (float *)(p->output + (size_t)r * p->output_stride) + c + K_PANEL * i;
            _mm512_mask_storeu_ps(output, mask, _mm512_mask_blend_ps(is_nan, v, nan));
        }
    }
}

/// `rows` pixels by `count` panels of n filters, which lie `bytes` apart. vpdpbusd takes unsigned
/// taps, so 128 is added to them (by flipping a bit while they are broadcast) and taken off in the
/// bias. Every pair of pixel and panel has `chains` sums, of steps that take turns: 8 of them must
/// be under way lest vpdpbusd wait for itself. 8 pixels by 2 panels are bounded by 16 vpdpbusd for 10
/// loads, by one panel by 9 loads for 8 vpdpbusd.
K_INLINE_VNNI void panels(const k_s8_panels *p, const uint8_t *packed, size_t bytes, int32_t rows, int32_t count,
                          int32_t chains, int32_t c, int32_t n, int hybrid) {
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
    for (int32_t segment = p->segments, g = p->groups;;) {
        if (chains == 8)
            for (; g > 3; g -= 4, w += 4 * K_GROUP * n) multiply(acc, x, w, bytes, rows, count, chains, n, 8);
        for (; g > 0; g--, w += K_GROUP * n) multiply(acc, x, w, bytes, rows, count, chains, n, 2);
        if (--segment == 0) break;
        for (int32_t r = 0; r < rows; r++) x[r] += p->skips[r];
        g = p->later_groups;
    }
    if (hybrid) {
        store_floats(p, acc, packed, bytes, rows, count, chains, c, n, w);
        return;
    }
    const k_clamps_vnni clamps = k_clamps_of(p->output_zero, p->low, p->high);
    const uint8_t *scales = packed + lanes * (int32_t)sizeof(int32_t);
    for (int32_t i = 0; i < count; i++) {
        const __m512 scale = _mm512_maskz_loadu_ps(mask, scales + bytes * (size_t)i);
        for (int32_t r = 0; r < rows; r++) {
            const __m512i sum = total(acc[r][i], chains);
            int8_t *output = (int8_t *)p->output + (size_t)r * p->output_stride + c + K_PANEL * i;
            _mm_mask_storeu_epi8(output, mask, k_scale_vnni(sum, scale, clamps));
        }
    }
}

/// All filters, with constants for what loops unroll. One pixel streams its weights once, best as one
/// stream; more pixels share each load of taps between two panels.
K_INLINE_VNNI void all_panels(const k_s8_panels *p, int32_t rows, int hybrid) {
    const size_t groups = k_panels_groups(p);
    const size_t beside = (hybrid ? 3 : 2) * sizeof(int32_t), bytes = K_PANEL * (beside + groups * K_GROUP);
    const uint8_t *packed = p->panels;
    int32_t c = 0;
    for (; rows > 1 && c + 2 * K_PANEL <= p->filters; c += 2 * K_PANEL, packed += 2 * bytes)
        panels(p, packed, bytes, rows, 2, 1, c, K_PANEL, hybrid);
    for (; c + K_PANEL <= p->filters; c += K_PANEL, packed += bytes)
        panels(p, packed, 0, rows, 1, 8 / rows, c, K_PANEL, hybrid);
    for (int32_t n; c < p->filters; c += n) {
        n = k_min(p->filters - c, K_HALF_PANEL);
        panels(p, packed, 0, rows, 1, 8 / rows, c, n, hybrid);
        packed += (size_t)K_HALF_PANEL * beside + groups * K_GROUP * (size_t)n;
    }
}

K_INLINE_VNNI void all_tiles(k_s8_panels *p, int32_t rows, int hybrid) {
    int32_t tiles = p->tiles;
    do all_panels(p, rows, hybrid);
    while (k_panels_next(p, rows, &tiles));
}

K_VNNI static void eight(k_s8_panels *p) { all_tiles(p, 8, 0); }
K_VNNI static void four(k_s8_panels *p) { p->pixels == 8 ? eight(p) : all_tiles(p, 4, 0); }
K_VNNI static void one(k_s8_panels *p) { all_panels(p, 1, 0); }

K_VNNI static void hybrid_eight(k_s8_panels *p) { all_tiles(p, 8, 1); }
K_VNNI static void hybrid_four(k_s8_panels *p) { p->pixels == 8 ? hybrid_eight(p) : all_tiles(p, 4, 1); }
K_VNNI static void hybrid_one(k_s8_panels *p) { all_panels(p, 1, 1); }

#define K_WALK walk
#define K_LINKAGE static
#define K_DRIVER K_VNNI
#define K_EIGHT_PIXELS
#include "s8_panels_run.h"

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
    static const k_hybrid_kernel kernel = {walk, k_hybrid_quantise_avx512, hybrid_four, hybrid_one, 4, 8, 128};
    k_hybrid_panels_run(block, &kernel);
}
#endif
