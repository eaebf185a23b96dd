#if defined(__x86_64__)
#include "f32_clamp_avx2.h"
#include "f32_gemm.h"
#include "kernels.h"

K_AVX2 static inline __attribute__((always_inline)) void run_rows(const k_f32_tile *t, int32_t rows) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t channels = s->input_channels / s->groups, n = t->channels;
    const float *weights = t->packed + K_F32_TILE_CHANNELS;
    __m256 acc[K_F32_TILE_PIXELS];
    for (int32_t r = 0; r < rows; r++) acc[r] = _mm256_loadu_ps(t->packed);
    for (int32_t ky = t->rows.first; ky < t->rows.end; ky++)
        for (int32_t kx = t->columns.first; kx < t->columns.end; kx++) {
            const float *w = weights + (ky * s->kernel_width + kx) * channels * n;
            const ptrdiff_t at = (ky - t->rows.first) * k_row_step(s) + (kx - t->columns.first) * k_column_step(s);
            for (ptrdiff_t i = 0; i < channels; i++, w += n) {
                const __m256 w8 = _mm256_loadu_ps(w);
                for (int32_t r = 0; r < rows; r++)
                    acc[r] = _mm256_fmadd_ps(_mm256_broadcast_ss(t->inputs[r] + at + i), w8, acc[r]);
            }
        }
    for (int32_t r = 0; r < rows; r++)
        k_clamp_store_avx2(acc[r], t->low, t->high, t->output + (size_t)r * (size_t)s->output_channels, t->channels);
}

K_AVX2 static void tile(const k_f32_tile *t) {
    switch (t->pixels) {
    case 1: run_rows(t, 1); break;
    case 2: run_rows(t, 2); break;
    case 3: run_rows(t, 3); break;
    default: run_rows(t, 4); break;
    }
}

/// float32 convolution with AVX2 and FMA3, 4 pixels by 8 channels: each lane in the reference's order.
void f32_gemm_4x8_avx2(const void *block) { k_f32_gemm(block, tile); }
#endif
