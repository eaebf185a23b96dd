#if defined(__aarch64__)
#include "f32_clamp_neon.h"
#include "s8_panels_neon.h"

void k_hybrid_store_neon(const k_s8_panels *p, const int32x4_t *acc, int32_t rows, int32_t lanes, const float *scale,
                         const float *bias, int32_t c, int32_t n) {
    const float32x4_t low = vdupq_n_f32(p->hybrid->low), high = vdupq_n_f32(p->hybrid->high);
    uint8_t *output = p->output + (size_t)c * sizeof(float);
#pragma clang loop unroll(disable)
    for (int32_t r = 0; r < rows; r++, output += p->output_stride) {
        float y[K_PANEL];
#pragma clang loop unroll(disable)
        for (int32_t i = 0; i < lanes; i += 4) {
            const float32x4_t v = vmulq_n_f32(vcvtq_f32_s32(*acc++), p->hybrid->scales[r]);
            const float32x4_t sum = vfmaq_f32(vld1q_f32(bias + i), v, vld1q_f32(scale + i));
            vst1q_f32(y + i, k_ceiling_neon(k_floor_neon(sum, low), high));
        }
        memcpy(output, y, (size_t)n * sizeof *y);
    }
}
#endif
