#if defined(__x86_64__)
#include "f32_clamp_avx512.h"
#include "f32_gemm.h"
#include "kernels.h"

enum { MOST_PANELS = 8, PIXELS = 10 };

/// One panel, or more side by side: a broadcast tap then serves 32 filters. `full`: 16 in each.
K_AVX512 static inline __attribute__((always_inline)) void tile(const k_f32_tile *t, int pixels, int panels, int full) {
    const int32_t n = full ? K_F32_PANEL : t->filters;
    const __mmask16 mask = full ? 0xffff : (__mmask16)((1u << n) - 1);
    const float *w = t->panel + k_f32_panel_lanes(n) + t->first_tap * n, *x[PIXELS];
    const ptrdiff_t second = t->panel_stride;
    __m512 acc[PIXELS][MOST_PANELS];
    for (int v = 0; v < panels; v++) acc[0][v] = _mm512_maskz_loadu_ps(mask, t->panel + v * second);
    for (int r = 0; r < pixels; r++) {
        x[r] = t->inputs[r];
        for (int v = 0; v < panels; v++) acc[r][v] = acc[0][v];
    }
    ptrdiff_t at = 0;
    for (int32_t row = t->rows; row > 0; row--) {
        for (int32_t run = t->runs; run > 0; run--) {
            ptrdiff_t end = at + t->length;
#define TAP(i)                                                                                              \
    {                                                                                                       \
        __m512 b[MOST_PANELS];                                                                              \
        for (int v = 0; v < panels; v++) b[v] = _mm512_maskz_loadu_ps(mask, w + v * second + (i) * n);      \
        for (int r = 0; r < pixels; r++) {                                                                  \
            const __m512 a = _mm512_set1_ps(x[r][at + (i)]);                                                \
            for (int v = 0; v < panels; v++) acc[r][v] = _mm512_fmadd_ps(a, b[v], acc[r][v]);               \
        }                                                                                                   \
    }
            if (full)
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
    for (int r = 0; r < pixels; r++)
        for (int v = 0; v < panels; v++)
            k_clamp_store_avx512(acc[r][v], t->low, t->high, t->outputs[r] + v * K_F32_PANEL, mask);
}

#define TILE(pixels, panels) \
    case pixels: return tile(t, pixels, panels, full);
#define TILES(panels)                                                                                                \
    switch (t->pixels) {                                                                                             \
        TILE(1, panels) TILE(2, panels) TILE(3, panels) TILE(4, panels) TILE(5, panels) TILE(6, panels)              \
        TILE(7, panels) TILE(8, panels) TILE(9, panels) TILE(10, panels)                                             \
    }

K_AVX512 static void less_than_a_panel(const k_f32_tile *t) {
    enum { full = 0 };
    TILES(1)
}
K_AVX512 static void tiles(const k_f32_tile *t) {
    enum { full = 1 };
    switch (t->filters / K_F32_PANEL) {
    case 0: return less_than_a_panel(t);
    case 1: TILES(1)
    case 2: TILES(2)
    case 3:
        switch (t->pixels) { TILE(1, 3) TILE(2, 3) }
    case 4:
        switch (t->pixels) { TILE(1, 4) TILE(2, 4) }
    case 5: return tile(t, 1, 5, full);
    case 6: return tile(t, 1, 6, full);
    case 7: return tile(t, 1, 7, full);
    default: return tile(t, 1, MOST_PANELS, full);
    }
}
#undef TILES
#undef TILE

/// float32 convolution with AVX-512, 10 pixels by 16 or 32 filters: each lane in the reference's order.
void f32_gemm_10x16_avx512(const void *block) {
    static const uint8_t panels[] = {MOST_PANELS, 4, 2};
    static const k_f32_tiling tiling = {tiles, NULL, PIXELS, 2 * K_F32_PANEL, PIXELS, panels, 0};
    k_f32_gemm(block, &tiling);
}
#endif
