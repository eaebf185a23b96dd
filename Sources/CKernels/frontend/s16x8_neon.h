// Eight int16 in a register, with the roundings of the fixed-point transform: NEON.
#ifndef S16X8_NEON_H
#define S16X8_NEON_H

#include <arm_neon.h>

#define LANES static inline __attribute__((always_inline))

typedef int16x8_t s16x8;

LANES s16x8 s16x8_zero(void) { return vdupq_n_s16(0); }
LANES s16x8 s16x8_load(const int16_t *from) { return vld1q_s16(from); }
LANES void s16x8_store(int16_t *to, s16x8 a) { vst1q_s16(to, a); }
LANES s16x8 s16x8_add(s16x8 a, s16x8 b) { return vaddq_s16(a, b); }
LANES s16x8 s16x8_sub(s16x8 a, s16x8 b) { return vsubq_s16(a, b); }
LANES s16x8 s16x8_max(s16x8 a, s16x8 b) { return vmaxq_s16(a, b); }
LANES s16x8 s16x8_abs(s16x8 a) { return vabsq_s16(a); } // −32768 stays
LANES int16_t s16x8_largest(s16x8 a) { return vmaxvq_s16(a); }
LANES s16x8 s16x8_shift_left(s16x8 a, int32_t by) { return vshlq_s16(a, vdupq_n_s16((int16_t)by)); }

/// (a·b) >> 12
LANES s16x8 s16x8_window(s16x8 a, s16x8 b) {
    return vshrn_high_n_s32(vshrn_n_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), 12), vmull_high_s16(a, b), 12);
}

/// (a·factor + 2¹⁴) >> 15; factor isn't −32768.
LANES s16x8 s16x8_scale(s16x8 a, int16_t factor) { return vqrdmulhq_n_s16(a, factor); }

/// (a + bi)·(c + di), each part (sum + 2¹⁴) >> 15, wrapped.
LANES void s16x8_multiply(s16x8 a, s16x8 b, s16x8 c, s16x8 d, s16x8 *re, s16x8 *im) {
    const int16x4_t a0 = vget_low_s16(a), b0 = vget_low_s16(b), c0 = vget_low_s16(c), d0 = vget_low_s16(d);
    const int32x4_t re0 = vmlsl_s16(vmull_s16(a0, c0), b0, d0), im0 = vmlal_s16(vmull_s16(a0, d0), b0, c0);
    const int32x4_t re1 = vmlsl_high_s16(vmull_high_s16(a, c), b, d), im1 = vmlal_high_s16(vmull_high_s16(a, d), b, c);
    *re = vrshrn_high_n_s32(vrshrn_n_s32(re0, 15), re1, 15);
    *im = vrshrn_high_n_s32(vrshrn_n_s32(im0, 15), im1, 15);
}

/// (a ± b) >> 1 without overflow.
LANES s16x8 s16x8_half_sum(s16x8 a, s16x8 b) { return vhaddq_s16(a, b); }
LANES s16x8 s16x8_half_difference(s16x8 a, s16x8 b) { return vhsubq_s16(a, b); }

LANES s16x8 s16x8_reverse(s16x8 a) {
    const s16x8 halves = vrev64q_s16(a);
    return vextq_s16(halves, halves, 4);
}

LANES void s16x8_load_pairs(const int16_t *from, s16x8 *first, s16x8 *second) {
    const int16x8x2_t pairs = vld2q_s16(from);
    *first = pairs.val[0];
    *second = pairs.val[1];
}

/// a0 b0 c0 d0 a1 b1 …
LANES void s16x8_store_interleaved(int16_t *to, s16x8 a, s16x8 b, s16x8 c, s16x8 d) {
    const int16x8x4_t all = {{a, b, c, d}};
    vst4q_s16(to, all);
}

/// The same with fours of elements instead of single ones.
LANES void s16x8_store_interleaved_halves(int16_t *to, s16x8 a, s16x8 b, s16x8 c, s16x8 d) {
    const int64x2x4_t all = {{vreinterpretq_s64_s16(a), vreinterpretq_s64_s16(b), vreinterpretq_s64_s16(c),
                              vreinterpretq_s64_s16(d)}};
    vst4q_s64((void *)to, all);
}

/// a² + b² of each, [8]
LANES void s16x8_store_energy(uint32_t *to, s16x8 a, s16x8 b) {
    const int16x4_t a0 = vget_low_s16(a), b0 = vget_low_s16(b);
    vst1q_u32(to, vreinterpretq_u32_s32(vmlal_s16(vmull_s16(a0, a0), b0, b0)));
    vst1q_u32(to + 4, vreinterpretq_u32_s32(vmlal_high_s16(vmull_high_s16(a, a), b, b)));
}

#endif
