#if defined(__x86_64__)
#include "f32_clamp_avx2.h"
#include "f32_gemm.h"
#include "kernels.h"

enum { SIX = 6, TEN = 10, MOST_VECTORS = 8 };

/// Half a panel (one vector) of up to ten pixels, a panel (two) of six, or more panels of fewer pixels, which have
/// nothing else to keep in flight.
K_AVX2 static inline __attribute__((always_inline)) void tile(const k_f32_tile *t, int pixels, int vectors) {
    const ptrdiff_t n = vectors > 1 ? K_F32_PANEL : t->filters, second = t->panel_stride;
    const float *x[TEN], *w = t->panel;
    __m256 acc[TEN][MOST_VECTORS];
    for (int v = 0; v < vectors; v++) acc[0][v] = _mm256_loadu_ps(w + v / 2 * second + v % 2 * 8);
    for (int r = 0; r < pixels; r++) {
        x[r] = t->inputs[r];
        for (int v = 0; v < vectors; v++) acc[r][v] = acc[0][v];
    }
    if (t->resumes)
        for (int r = 0; r < pixels; r++)
            for (int v = 0; v < vectors; v++) acc[r][v] = _mm256_loadu_ps(t->outputs[r] + 8 * v);
    w += k_f32_panel_lanes((int32_t)n) + t->first_tap * n;
    ptrdiff_t at = 0;
    for (int32_t row = t->rows; row > 0; row--) {
        for (int32_t run = t->runs; run > 0; run--) {
            const ptrdiff_t end = at + t->length;
#define TAP(i)                                                                                                     \
    {                                                                                                              \
        __m256 b[MOST_VECTORS];                                                                                    \
        for (int v = 0; v < vectors; v++) b[v] = _mm256_loadu_ps(w + (i) * n + v / 2 * second + v % 2 * 8);        \
        for (int r = 0; r < pixels; r++) {                                                                         \
            const __m256 a = _mm256_broadcast_ss(x[r] + at + (i));                                                 \
            for (int v = 0; v < vectors; v++) acc[r][v] = _mm256_fmadd_ps(a, b[v], acc[r][v]);                     \
        }                                                                                                          \
    }
            // Four at once: a loop's end is foreseen the better, the fewer turns it takes.
            if (vectors <= 2)
                for (; at + 4 <= end; at += 4, w += 4 * n) { TAP(0) TAP(1) TAP(2) TAP(3) }
#pragma clang loop unroll(disable)
            for (; at < end; at++, w += n) TAP(0)
#undef TAP
            if (run == 1) break;
            at += t->run_skip;
            w += t->run_taps * n;
        }
        at += t->row_skip;
        w += t->row_taps * n;
    }
    if (t->waits) {
        for (int r = 0; r < pixels; r++)
            for (int v = 0; v < vectors; v++) _mm256_storeu_ps(t->outputs[r] + 8 * v, acc[r][v]);
        return;
    }
    for (int r = 0; r < pixels; r++)
        for (int v = 0; v < vectors; v++)
            k_clamp_store_avx2(acc[r][v], t->low, t->high, t->outputs[r] + 8 * v,
                               vectors > 1 ? K_F32_HALF_PANEL : t->filters);
}

#define TILE(pixels, vectors) \
    case pixels: return tile(t, pixels, vectors);

K_AVX2 static void half_a_panel(const k_f32_tile *t) {
    switch (t->pixels) {
        TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1) TILE(9, 1) TILE(10, 1)
    }
}
K_AVX2 static void panel(const k_f32_tile *t) {
    switch (t->pixels) { TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2) }
}
K_AVX2 static void tiles(const k_f32_tile *t) {
    switch (t->filters / K_F32_PANEL) {
    case 0: return half_a_panel(t);
    case 1: return panel(t);
    case 2:
        switch (t->pixels) { TILE(1, 4) TILE(2, 4) TILE(3, 4) }
    case 3:
        switch (t->pixels) { TILE(1, 6) TILE(2, 6) }
    default: return tile(t, 1, MOST_VECTORS);
    }
}
#undef TILE

/// float32 convolution with AVX2 and FMA3, 6 pixels by 16 filters: each lane in the reference's order.
void f32_gemm_6x16_avx2(const void *block) {
    static const uint8_t panels[] = {4, 3, 2};
    static const k_f32_tiling tiling = {tiles, NULL, SIX, K_F32_PANEL, TEN, panels, 0, 1};
    k_f32_gemm(block, &tiling);
}
#endif
