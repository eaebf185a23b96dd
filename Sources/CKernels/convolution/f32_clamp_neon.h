// k_clamp with NEON.
#ifndef CKERNELS_F32_CLAMP_NEON_H
#define CKERNELS_F32_CLAMP_NEON_H

#include <arm_neon.h>

#include "internal.h"

/// Between these two, FPCR.DN makes every NaN that arithmetic gives 0x7fc00000: the one that k_clamp wants.
static inline uint64_t k_quiet_nans_begin(void) {
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode)::"memory");
    __asm__ volatile("msr fpcr, %0" ::"r"(mode | 1u << 25) : "memory");
    return mode;
}
static inline void k_quiet_nans_end(uint64_t mode) { __asm__ volatile("msr fpcr, %0" ::"r"(mode) : "memory"); }

// k_clamp between the two, except where `high` is −0 and v is +0. The floor by a comparison, not FMAX: the
// reference keeps a −0 where FMAX would prefer a `low` of +0. FMIN keeps a −0, and makes a NaN the one NaN.
static inline float32x4_t k_floor_neon(float32x4_t v, float32x4_t low) { return vbslq_f32(vcltq_f32(v, low), low, v); }
static inline float32x4_t k_ceiling_neon(float32x4_t v, float32x4_t high) { return vminq_f32(v, high); }

/// By comparisons, not FMAX: the reference keeps a −0 where FMAX would prefer +0.
static inline float32x4_t k_clamp_neon(float32x4_t v, float low, float high) {
    const float32x4_t lows = vdupq_n_f32(low), highs = vdupq_n_f32(high);
    uint32x4_t number = vceqq_f32(v, v);
    v = vbslq_f32(vcltq_f32(v, lows), lows, v);
    v = vbslq_f32(vcgtq_f32(v, highs), highs, v);
    return vbslq_f32(number, v, vdupq_n_f32(__builtin_nanf("")));
}

/// Clamps and stores `n` ≤ 8 floats.
static inline void k_clamp_store_neon(const float32x4_t v[2], float low, float high, float *output, int32_t n) {
    float32x4_t first = k_clamp_neon(v[0], low, high), second = k_clamp_neon(v[1], low, high);
    if (n == 8) {
        vst1q_f32(output, first);
        vst1q_f32(output + 4, second);
    } else {
        float all[8];
        vst1q_f32(all, first);
        vst1q_f32(all + 4, second);
        memcpy(output, all, (size_t)n * sizeof *all);
    }
}

#endif
