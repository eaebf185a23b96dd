#if defined(__aarch64__)
#include "f32_clamp_neon.h"
#include "f32_gemm.h"
#include "kernels.h"

static inline __attribute__((always_inline)) void run_rows(const k_f32_tile *t, int32_t rows) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t channels = s->input_channels / s->groups, n = t->channels;
    const float *weights = t->packed + K_F32_TILE_CHANNELS;
    float32x4_t acc[K_F32_TILE_PIXELS][2];
    for (int32_t r = 0; r < rows; r++) {
        acc[r][0] = vld1q_f32(t->packed);
        acc[r][1] = vld1q_f32(t->packed + 4);
    }
    for (int32_t ky = t->rows.first; ky < t->rows.end; ky++)
        for (int32_t kx = t->columns.first; kx < t->columns.end; kx++) {
            const float *w = weights + (ky * s->kernel_width + kx) * channels * n;
            const ptrdiff_t at = (ky - t->rows.first) * k_row_step(s) + (kx - t->columns.first) * k_column_step(s);
            for (ptrdiff_t i = 0; i < channels; i++, w += n) {
                const float32x4_t w0 = vld1q_f32(w), w1 = vld1q_f32(w + 4);
                for (int32_t r = 0; r < rows; r++) {
                    const float32x4_t x = vld1q_dup_f32(t->inputs[r] + at + i);
                    acc[r][0] = vfmaq_f32(acc[r][0], x, w0);
                    acc[r][1] = vfmaq_f32(acc[r][1], x, w1);
                }
            }
        }
    for (int32_t r = 0; r < rows; r++)
        k_clamp_store_neon(acc[r], t->low, t->high, t->output + (size_t)r * (size_t)s->output_channels, t->channels);
}

static void tile(const k_f32_tile *t) {
    switch (t->pixels) {
    case 1: run_rows(t, 1); break;
    case 2: run_rows(t, 2); break;
    case 3: run_rows(t, 3); break;
    default: run_rows(t, 4); break;
    }
}

/// float32 convolution with NEON, 4 pixels by 8 channels: each lane in the reference's order.
void f32_gemm_4x8_neon(const void *block) { k_f32_gemm(block, tile); }
#endif
