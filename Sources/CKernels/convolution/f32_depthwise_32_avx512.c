#if defined(__x86_64__)
#include "f32_clamp_avx512.h"
#include "f32_gemm.h"
#include "kernels.h"
#include "plain.h"

enum { PIXELS = 6, LANES = 16 };

/// 16 · `vectors` channels from the `c`th on, or those of `mask`, of `pixels` pixels: each load of weights serves all of them.
K_AVX512 static inline __attribute__((always_inline)) void slice(const k_f32_tile *t, int32_t c, int pixels, int vectors,
                                                                 __mmask16 mask) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t channels = s->output_channels, row_step = k_row_step(s), row_taps = s->kernel_width * channels;
    const ptrdiff_t column_skip = k_column_step(s) - t->rows * row_step, column_taps = channels - t->rows * row_taps;
    const float *bias = t->panel + k_depthwise_weights(s) + c, *w = t->panel + t->first_tap + c, *x[PIXELS];
    __m512 acc[PIXELS][2];
    for (int r = 0; r < pixels; r++) {
        x[r] = t->inputs[r] + c;
        for (int v = 0; v < vectors; v++) acc[r][v] = _mm512_maskz_loadu_ps(mask, bias + LANES * v);
    }
    ptrdiff_t at = 0;
    for (int32_t column = t->runs; column > 0; column--) {
#pragma clang loop unroll(disable)
        for (int32_t row = t->rows; row > 0; row--, at += row_step, w += row_taps)
            for (int v = 0; v < vectors; v++) {
                const __m512 b = _mm512_maskz_loadu_ps(mask, w + LANES * v);
                for (int r = 0; r < pixels; r++)
                    acc[r][v] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, x[r] + at + LANES * v), b, acc[r][v]);
            }
        at += column_skip;
        w += column_taps;
    }
    for (int r = 0; r < pixels; r++)
        for (int v = 0; v < vectors; v++)
            k_clamp_store_avx512(acc[r][v], t->low, t->high, t->outputs[r] + c + LANES * v, mask);
}

K_AVX512 static inline __attribute__((always_inline)) void slices(const k_f32_tile *t, int pixels) {
    const int32_t channels = t->shape->output_channels;
    int32_t c = 0;
    for (; c + 2 * LANES <= channels; c += 2 * LANES) slice(t, c, pixels, 2, 0xffff);
    if (c + LANES <= channels) {
        slice(t, c, pixels, 1, 0xffff);
        c += LANES;
    }
    if (c < channels) slice(t, c, pixels, 1, (__mmask16)((1u << (channels - c)) - 1));
}
K_AVX512 static void many(const k_f32_tile *t) {
    if (t->pixels > 3) return slices(t, PIXELS);
    slices(t, 3);
}
K_AVX512 static void one(const k_f32_tile *t) { slices(t, 1); }

/// float32 depthwise convolution with AVX-512, 6 pixels by 32 channels: each lane in the reference's order.
void f32_depthwise_32_avx512(const void *block) {
    k_f32_convolution b = *(const k_f32_convolution *)block;
    const int32_t channels = b.shape.output_channels;
    if (channels != b.shape.input_channels || channels < LANES / 2) return f32_depthwise_8_avx2(block);
    const k_f32_tiling tiling = {many, one, PIXELS, channels, PIXELS, NULL, 1};
    b.shape.groups = 1;
    k_f32_gemm(&b, &tiling);
}
#endif
