// Means of neighbouring channels with NEON.
#include <arm_neon.h>

/// Sixteen channels, of which the last eight are `apart` from the first.
static inline int8x16_t channels(const int8_t *x, ptrdiff_t apart) {
    return apart == 8 ? vld1q_s8(x) : vcombine_s8(vld1_s8(x), vld1_s8(x + apart));
}

static inline int16x8_t scaled(int32x4_t a, int32x4_t b, float scale, int16x8_t zero) {
    a = vcvtnq_s32_f32(vmulq_n_f32(vcvtq_f32_s32(a), scale));
    b = vcvtnq_s32_f32(vmulq_n_f32(vcvtq_f32_s32(b), scale));
    return vqaddq_s16(vqmovn_high_s32(vqmovn_s32(a), b), zero);
}

/// Means of n channels, sixteen at a time; of n < 16 the last eight are `apart` from the first. As many int8 as fit int16 are added
/// before they are widened. What narrows saturates, which clamps.
static inline __attribute__((always_inline)) void means(const k_mean *p, const int8_t *x, int32_t n, ptrdiff_t apart, int8_t *y) {
    const int32_t rows = p->elements;
    const ptrdiff_t step = p->reduce_stride[0];
    const int32x4_t bias = vdupq_n_s32(-rows * p->input_zero);
    const int16x8_t zero = vdupq_n_s16((int16_t)p->output_zero);
    const float scale = p->scale;
#pragma clang loop unroll(disable)
    for (int32_t c = 0; c < n; c += 16) {
        // The last ones overlap with those before: the same bits once more.
        const int32_t first = apart == 8 && c > n - 16 ? n - 16 : c;
        const int8_t *at = x + first;
        int32x4_t s0 = bias, s1 = bias, s2 = bias, s3 = bias;
        int32_t left = rows;
#pragma clang loop unroll(disable)
        do {
            int32_t m = left < 255 ? left : 255;
            left -= m;
            int16x8_t low = vdupq_n_s16(0), high = low;
            if (m % 2) {
                const int8x16_t v = channels(at, apart);
                low = vmovl_s8(vget_low_s8(v));
                high = vmovl_high_s8(v);
                at += step;
            }
#pragma clang loop unroll(disable)
            for (m /= 2; m > 0; m--, at += 2 * step) {
                const int8x16_t v = channels(at, apart), w = channels(at + step, apart);
                low = vaddq_s16(low, vaddl_s8(vget_low_s8(v), vget_low_s8(w)));
                high = vaddq_s16(high, vaddl_high_s8(v, w));
            }
            s0 = vaddw_s16(s0, vget_low_s16(low));
            s1 = vaddw_high_s16(s1, low);
            s2 = vaddw_s16(s2, vget_low_s16(high));
            s3 = vaddw_high_s16(s3, high);
        } while (left > 0);
        const int8x8_t low = vqmovn_s16(scaled(s0, s1, scale, zero));
        const int16x8_t high = scaled(s2, s3, scale, zero);
        if (apart == 8) {
            vst1q_s8(y + first, vqmovn_high_s16(low, high));
        } else {
            vst1_s8(y, low);
            vst1_s8(y + apart, vqmovn_s16(high));
        }
    }
}
