#if defined(__x86_64__)
#include "f32_clamp_avx2.h"
#include "f32_gemm.h"
#include "kernels.h"

enum { SIX = 6, MOST_VECTORS = 8 };

/// Half a panel (one vector), a panel (two), or for one pixel, which has nothing else to keep in flight, four panels.
K_AVX2 static inline __attribute__((always_inline)) void tile(const k_f32_tile *t, int pixels, int vectors) {
    const ptrdiff_t n = vectors > 1 ? K_F32_PANEL : t->filters, second = t->panel_stride;
    const float *x[SIX], *w = t->panel;
    __m256 acc[SIX][MOST_VECTORS];
    for (int v = 0; v < vectors; v++) acc[0][v] = _mm256_loadu_ps(w + v / 2 * second + v % 2 * 8);
    for (int r = 0; r < pixels; r++) {
        x[r] = t->inputs[r];
        for (int v = 0; v < vectors; v++) acc[r][v] = acc[0][v];
    }
    w += k_f32_panel_lanes((int32_t)n) + t->first_tap * n;
    ptrdiff_t at = 0;
    for (int32_t row = t->rows; row > 0; row--) {
        for (int32_t run = t->runs; run > 0; run--) {
            for (int32_t k = t->length; k > 0; k--, at++, w += n) {
                __m256 b[MOST_VECTORS];
                for (int v = 0; v < vectors; v++) b[v] = _mm256_loadu_ps(w + v / 2 * second + v % 2 * 8);
                for (int r = 0; r < pixels; r++) {
                    const __m256 a = _mm256_broadcast_ss(x[r] + at);
                    for (int v = 0; v < vectors; v++) acc[r][v] = _mm256_fmadd_ps(a, b[v], acc[r][v]);
                }
            }
            if (run == 1) break;
            at += t->run_skip;
            w += t->run_taps * n;
        }
        at += t->row_skip;
        w += t->row_taps * n;
    }
    for (int r = 0; r < pixels; r++)
        for (int v = 0; v < vectors; v++)
            k_clamp_store_avx2(acc[r][v], t->low, t->high, t->outputs[r] + 8 * v,
                               vectors > 1 ? K_F32_HALF_PANEL : t->filters);
}

#define TILES(pixels)                                           \
    case pixels:                                                \
        if (t->filters == K_F32_PANEL) return tile(t, pixels, 2); \
        return tile(t, pixels, 1);

K_AVX2 static void tiles(const k_f32_tile *t) {
    if (t->filters > K_F32_PANEL) return tile(t, 1, MOST_VECTORS);
    switch (t->pixels) {
        TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
    }
}
#undef TILES

/// float32 convolution with AVX2 and FMA3, 6 pixels by 16 filters: each lane in the reference's order.
void f32_gemm_6x16_avx2(const void *block) {
    static const k_f32_tiling tiling = {tiles, NULL, SIX, K_F32_PANEL, 0};
    static const k_f32_tiling lonely = {tiles, NULL, SIX, MOST_VECTORS * 8, 0};
    const k_f32_convolution *b = block;
    k_f32_gemm(b, k_pixels(&b->shape) == 1 ? &lonely : &tiling);
}
#endif
