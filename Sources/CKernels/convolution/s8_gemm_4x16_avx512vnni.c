#if defined(__x86_64__)
#include "kernels.h"
#include "s8_vnni.h"

/// `rows` pixels by `panels` panels of 16 filters, which lie `bytes` apart. vpdpbusd takes unsigned
/// taps, so 128 is added to them (by flipping a bit while they are broadcast) and taken off in the
/// bias. Two panels share the broadcasts; one panel alone has two sums for each pixel, of even and
/// of odd steps, lest they wait for each other. Bounded by loads: 6 for 8 vpdpbusd.
K_INLINE_VNNI void panels(const k_s8_panels *p, const uint8_t *packed, size_t bytes, int32_t rows, int32_t count,
                          int32_t c, int32_t n) {
    const int32_t lanes = k_panel_lanes(n);
    const __mmask16 mask = (__mmask16)((1u << n) - 1);
    const int8_t *x[K_TILE_PIXELS], *w = (const int8_t *)packed + lanes * (int32_t)(sizeof(int32_t) + sizeof(float));
    const __m512i flip = _mm512_set1_epi8(-128);
    int8_t tails[K_TILE_PIXELS][K_GROUP];
    __m512i acc[K_TILE_PIXELS][2];
    for (int32_t r = 0; r < rows; r++) {
        x[r] = p->rows[r];
        acc[r][0] = _mm512_maskz_loadu_epi32(mask, packed);
        acc[r][1] = count == 2 ? _mm512_loadu_si512(packed + bytes) : _mm512_setzero_si512();
    }
    int32_t segment = p->segments, tail = p->tail;
    for (int32_t g = p->groups;;) {
        for (; g > 0; g--, w += K_GROUP * n)
            for (int32_t k = 0; k < 2; k++) {
                const __m512i w0 = _mm512_maskz_loadu_epi32(mask, w + 4 * n * k);
                const __m512i w1 = count == 2 ? _mm512_loadu_si512(w + bytes + 64 * k) : w0;
                for (int32_t r = 0; r < rows; r++) {
                    // One instruction; a compiler makes three of it.
                    __m512i t;
                    __asm__("vpxord %1%{1to16%}, %2, %0" : "=v"(t) : "m"(*(const int8_t(*)[4])x[r]), "v"(flip));
                    x[r] += 4;
                    if (count == 2) {
                        acc[r][0] = _mm512_dpbusd_epi32(acc[r][0], t, w0);
                        acc[r][1] = _mm512_dpbusd_epi32(acc[r][1], t, w1);
                    } else {
                        acc[r][k] = _mm512_dpbusd_epi32(acc[r][k], t, w0);
                    }
                }
            }
        if (--segment > 0) {
            for (int32_t r = 0; r < rows; r++) x[r] += p->skips[r];
            g = p->groups;
        } else if (tail) {
            for (int32_t r = 0; r < rows; r++) {
                k_s8_tail(x[r], tail, tails[r]);
                x[r] = tails[r];
            }
            tail = 0;
            g = 1;
        } else {
            break;
        }
    }
    const k_clamps_vnni clamps = k_clamps_of(p->output_zero, p->low, p->high);
    const uint8_t *scales = packed + lanes * (int32_t)sizeof(int32_t);
    for (int32_t r = 0; r < rows; r++) {
        int8_t *output = p->output + (size_t)r * p->output_stride + c;
        if (count == 2) {
            _mm_storeu_si128((__m128i *)output, k_scale_vnni(acc[r][0], _mm512_loadu_ps(scales), clamps));
            _mm_storeu_si128((__m128i *)(output + K_PANEL),
                             k_scale_vnni(acc[r][1], _mm512_loadu_ps(scales + bytes), clamps));
        } else {
            const __m512i sum = _mm512_add_epi32(acc[r][0], acc[r][1]);
            _mm_mask_storeu_epi8(output, mask, k_scale_vnni(sum, _mm512_maskz_loadu_ps(mask, scales), clamps));
        }
    }
}

K_INLINE_VNNI void all_panels(const k_s8_panels *p, int32_t rows) {
    const size_t groups = (size_t)p->segments * (size_t)p->groups + (p->tail > 0);
    const size_t bytes = K_PANEL * (2 * sizeof(int32_t) + groups * K_GROUP);
    const uint8_t *packed = p->panels;
    int32_t c = 0;
    for (; c + 2 * K_PANEL <= p->filters; c += 2 * K_PANEL, packed += 2 * bytes)
        panels(p, packed, bytes, rows, 2, c, K_PANEL);
    for (int32_t n; c < p->filters; c += n, packed += bytes) {
        n = k_panel_filters(p->filters - c);
        panels(p, packed, 0, rows, 1, c, n);
        if (n < K_PANEL) packed -= bytes - ((size_t)k_panel_lanes(n) * 2 * sizeof(int32_t) + groups * K_GROUP * (size_t)n);
    }
}

K_VNNI static void four(const k_s8_panels *p) { all_panels(p, 4); }
K_VNNI static void one(const k_s8_panels *p) { all_panels(p, 1); }

/// int8 convolution with AVX-512 VNNI, 4 pixels by 32 or 16 channels.
void s8_gemm_4x16_avx512vnni(const void *block) {
    k_s8_convolution b = *(const k_s8_convolution *)block;
    if (k_s8_proved(b.weights)) {
        k_s8_panels_run(&b, 4, four, one);
    } else {
        b.weights = (const uint8_t *)b.weights + K_PANEL_HEADER;
        s8_gemm_4x8c2_avx2(&b);
    }
}
#endif
