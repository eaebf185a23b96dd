#if defined(__aarch64__)
#include "f32_clamp_neon.h"
#include "f32_gemm.h"
#include "kernels.h"

static inline __attribute__((always_inline)) void run_rows(const k_f32_tile *t, int32_t rows, ptrdiff_t n) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t channels = s->input_channels / s->groups;
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
            ptrdiff_t i = 0;
            // Four channels a load of input: 32 fmla of some 43 instructions.
#define LANE(L)                                                            \
    {                                                                      \
        const float32x4_t w0 = vld1q_f32(w), w1 = vld1q_f32(w + 4);        \
        for (int32_t r = 0; r < rows; r++) {                               \
            acc[r][0] = vfmaq_laneq_f32(acc[r][0], w0, x[r], L);           \
            acc[r][1] = vfmaq_laneq_f32(acc[r][1], w1, x[r], L);           \
        }                                                                  \
        w += n;                                                            \
    }
            for (; i + 4 <= channels; i += 4) {
                float32x4_t x[K_F32_TILE_PIXELS];
                for (int32_t r = 0; r < rows; r++) x[r] = vld1q_f32(t->inputs[r] + at + i);
                LANE(0) LANE(1) LANE(2) LANE(3)
            }
            for (; i < channels; i++, w += n) {
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
    if (t->channels == K_F32_TILE_CHANNELS && t->pixels == K_F32_TILE_PIXELS)
        run_rows(t, K_F32_TILE_PIXELS, K_F32_TILE_CHANNELS);
    else if (t->channels == K_F32_TILE_CHANNELS && t->pixels == 1)
        run_rows(t, 1, K_F32_TILE_CHANNELS);
    else
        run_rows(t, t->pixels, t->channels); // rare, and small this way
}

/// float32 convolution with NEON, 4 pixels by 8 channels: each lane in the reference's order.
void f32_gemm_4x8_neon(const void *block) { k_f32_gemm(block, tile); }
#endif
