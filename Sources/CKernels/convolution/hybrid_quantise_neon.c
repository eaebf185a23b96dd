#if defined(__aarch64__)
#include <arm_neon.h>
#include <float.h>

#include "hybrid.h"

#define INLINE static inline __attribute__((always_inline))

typedef struct {
    float32x4_t low, high;
} bounds;

/// As a load steps on by itself; LLVM prefers additions where it sees what comes after them.
INLINE const float *behind_16(const float *x) {
    x += 16;
    __asm__("" : "+r"(x));
    return x;
}

INLINE bounds widen_16(bounds b[2], const float *x) {
    const float32x4x4_t v = vld1q_f32_x4(x);
    for (int k = 0; k < 4; k++) {
        b[k % 2].low = vminq_f32(b[k % 2].low, v.val[k]);
        b[k % 2].high = vmaxq_f32(b[k % 2].high, v.val[k]);
    }
    return b[0];
}

/// The bounds of n values, 0 and what `so_far` has. FMIN and FMAX hand a NaN on.
static __attribute__((noinline)) bounds widen(bounds so_far, const float *x, size_t n) {
    bounds b[2] = {so_far, so_far};
    size_t left = n % 16;
    if (n & 16) {
        widen_16(b, x);
        x += 16;
    }
#pragma clang loop unroll(disable)
    for (size_t k = n / 32; k > 0; k--) {
        widen_16(b, x);
        x = behind_16(x);
        widen_16(b, x);
        x = behind_16(x);
    }
#pragma clang loop unroll(disable)
    for (size_t step; left > 0; left -= step, x += step) {
        step = left < 4 ? 1 : 4;
        const float32x4_t v = step == 4 ? vld1q_f32(x) : vld1q_dup_f32(x);
        b[0].low = vminq_f32(b[0].low, v);
        b[0].high = vmaxq_f32(b[0].high, v);
    }
    return (bounds){vminq_f32(b[0].low, b[1].low), vmaxq_f32(b[0].high, b[1].high)};
}

/// k_hybrid_quantization of four ranges.
typedef struct {
    float32x4_t multiplier, scale;
    int32x4_t zero;
    int tame; // no NaN, and all products are finite, and none, rounded, leaves int8 when the zero point is added
} four;

INLINE four quantization(float32x4_t low, float32x4_t high) {
    const float32x4_t one = vdupq_n_f32(1), most = vdupq_n_f32(FLT_MAX), range = vsubq_f32(high, low);
    four q;
    q.multiplier = vbslq_f32(vceqq_f32(low, high), one, vdivq_f32(vdupq_n_f32(255), range));
    const float32x4_t from_low = vmulq_f32(low, q.multiplier), from_high = vmulq_f32(high, q.multiplier);
    const float32x4_t first = vdupq_n_f32(-128), last = vdupq_n_f32(127);
    const uint32x4_t above = vcgtzq_f32(vaddq_f32(vaddq_f32(first, from_low), vaddq_f32(last, from_high)));
    const float32x4_t zero = vbslq_f32(above, vsubq_f32(first, from_low), vsubq_f32(last, from_high));
    q.zero = vcvtnq_s32_f32(vminq_f32(vmaxq_f32(zero, first), last));
    q.scale = vdivq_f32(one, q.multiplier);
    // Rounding keeps order: what holds for the bounds holds for all between them. That it does not is a tie, once in
    // some ten thousand ranges.
    const int32x4_t lowest = vaddq_s32(vcvtnq_s32_f32(from_low), q.zero);
    const int32x4_t highest = vaddq_s32(vcvtnq_s32_f32(from_high), q.zero);
    const uint32x4_t fits = vandq_u32(vcgeq_s32(lowest, vdupq_n_s32(-128)), vcleq_s32(highest, vdupq_n_s32(127)));
    q.tame = vminvq_u32(vandq_u32(fits, vandq_u32(vcleq_f32(range, most), vcleq_f32(q.multiplier, most)))) != 0;
    return q;
}

/// Eight values, without the zero point.
INLINE int16x8_t scale_8(float32x4_t a, float32x4_t b, float32x4_t multiplier) {
    const int32x4_t y0 = vcvtnq_s32_f32(vmulq_f32(a, multiplier)), y1 = vcvtnq_s32_f32(vmulq_f32(b, multiplier));
    return vuzp1q_s16(vreinterpretq_s16_s32(y0), vreinterpretq_s16_s32(y1));
}

INLINE void quantise_8(const float *x, float32x4_t multiplier, int8x16_t zero, int8_t *out) {
    const int16x8_t y = scale_8(vld1q_f32(x), vld1q_f32(x + 4), multiplier);
    vst1_s8(out, vadd_s8(vmovn_s16(y), vget_low_s8(zero)));
}

INLINE void quantise_16(const float *x, float32x4_t multiplier, int8x16_t zero, int8_t *out) {
    const float32x4x4_t v = vld1q_f32_x4(x);
    const int8x16_t first = vreinterpretq_s8_s16(scale_8(v.val[0], v.val[1], multiplier));
    const int8x16_t second = vreinterpretq_s8_s16(scale_8(v.val[2], v.val[3], multiplier));
    vst1q_s8(out, vaddq_s8(vuzp1q_s8(first, second), zero));
}

INLINE void quantise(const float *x, size_t n, float32x4_t multiplier, int32_t zero, int8_t *out) {
    const int8x16_t zeros = vdupq_n_s8((int8_t)zero);
    if (n < 8) return k_hybrid_quantise_values(x, n, vgetq_lane_f32(multiplier, 0), zero, out);
    if (n < 16) {
        quantise_8(x, multiplier, zeros, out);
        return quantise_8(x + n - 8, multiplier, zeros, out + n - 8);
    }
    if (n & 16) {
        quantise_16(x, multiplier, zeros, out);
        x += 16;
        out += 16;
    }
#pragma clang loop unroll(disable)
    for (size_t k = n / 32; k > 0; k--) {
        quantise_16(x, multiplier, zeros, out);
        x = behind_16(x);
        quantise_16(x, multiplier, zeros, out + 16);
        x = behind_16(x);
        out += 32;
    }
    // The last sixteen overlap those before.
    const size_t left = n % 16;
    if (left > 0) quantise_16(x + left - 16, multiplier, zeros, out + left - 16);
}

k_quantization k_hybrid_quantise_neon(const k_hybrid_range *all, const k_hybrid_range *r, int8_t *out) {
    bounds b = {vdupq_n_f32(0), vdupq_n_f32(0)};
    for (int32_t y = 0; y < all->rows; y++)
        for (int32_t x = 0; x < all->columns; x++)
            b = widen(b, all->values + (y * all->row_step + x * all->column_step), all->length);
    const four q = quantization(vdupq_n_f32(vminvq_f32(b.low)), vdupq_n_f32(vmaxvq_f32(b.high)));
    if (!q.tame) return k_hybrid_quantise(all, r, out);
    const int32_t zero = vgetq_lane_s32(q.zero, 0);
    for (int32_t y = 0; y < r->rows; y++, out += r->output_row_step)
        for (int32_t x = 0; x < r->columns; x++)
            quantise(r->values + (y * r->row_step + x * r->column_step), r->length, q.multiplier, zero,
                     out + (size_t)x * r->length);
    return (k_quantization){vgetq_lane_f32(q.scale, 0), zero};
}

void k_hybrid_quantise_pixels_neon(const float *const x[4], size_t n, int8_t *out, size_t pitch,
                                   k_hybrid_rows *rows) {
    float32x4_t low[4], high[4];
    const bounds nothing = {vdupq_n_f32(0), vdupq_n_f32(0)};
#pragma clang loop unroll(disable)
    for (int r = 0; r < 4; r++) {
        const bounds b = widen(nothing, x[r], n);
        low[r] = b.low;
        high[r] = b.high;
    }
    const four q = quantization(vpminq_f32(vpminq_f32(low[0], low[1]), vpminq_f32(low[2], low[3])),
                                vpmaxq_f32(vpmaxq_f32(high[0], high[1]), vpmaxq_f32(high[2], high[3])));
    float multipliers[4];
    vst1q_f32(multipliers, q.multiplier);
    vst1q_s32(rows->folds, vnegq_s32(q.zero));
    vst1q_f32(rows->scales, q.scale);
#pragma clang loop unroll(disable)
    for (int r = 0; r < 4; r++, out += pitch) {
        if (q.tame) {
            quantise(x[r], n, vld1q_dup_f32(multipliers + r), -rows->folds[r], out);
        } else {
            const k_hybrid_range range = k_hybrid_pixel((int32_t)n, x[r]);
            const k_quantization plain = k_hybrid_quantise(&range, &range, out);
            rows->folds[r] = -plain.zero;
            rows->scales[r] = plain.scale;
        }
    }
}
#endif
