#if defined(__aarch64__)
#include "s16x8_neon.h"

#include "micro_frontend.h"
#include "micro_spectrum.h"

/// (a·b + c·d) >> n, the low 32 bits of it.
#define PRODUCTS(a, b, c, d, n)                                                                                      \
    vshrn_high_n_u64(vshrn_n_u64(vmlal_u32(vmull_u32(vget_low_u32(a), vget_low_u32(b)), vget_low_u32(c),             \
                                           vget_low_u32(d)), n),                                                     \
                     vmlal_high_u32(vmull_high_u32(a, b), c, d), n)

#define PRODUCT(a, b, n) \
    vshrn_high_n_u64(vshrn_n_u64(vmull_u32(vget_low_u32(a), vget_low_u32(b)), n), vmull_high_u32(a, b), n)

/// [40] sums of k_micro_filter, before their roots.
LANES void filter(const k_micro_frontend *f, uint64_t *sums) {
    const uint32_t(*weights)[2] = f->lanes.weights[0];
    uint64x2_t below = vdupq_n_u64(0);
    ROLLED for (int32_t c = 0; c <= K_MICRO_CHANNELS; c++) {
        const uint32_t *energy = f->energy + f->edges[c];
        uint64x2_t both = vdupq_n_u64(0), more = both; // falling and rising
        int32_t groups = f->lanes.groups[c];
        ROLLED do {
            const uint32x4_t e = vld1q_u32(energy), first = vld1q_u32(weights[0]), second = vld1q_u32(weights[2]);
            both = vmlal_laneq_u32(both, vget_low_u32(first), e, 0);
            both = vmlal_high_laneq_u32(both, first, e, 1);
            more = vmlal_laneq_u32(more, vget_low_u32(second), e, 2);
            more = vmlal_high_laneq_u32(more, second, e, 3);
            energy += 4;
            weights += 4;
        } while (--groups > 0);
        both = vaddq_u64(both, more);
        // Channel 0 begins with the second round: its sum overwrites what the first leaves here.
        *sums = vpaddd_u64(vextq_u64(below, both, 1));
        sums += c > 0;
        below = both;
    }
}

/// As k_micro_filter rounds. Roots and remainders fit into 32 bits.
LANES uint32x4_t rounded_roots(const uint64_t *sums) {
    const uint64x2_t n0 = vld1q_u64(sums), n1 = vld1q_u64(sums + 2);
    const uint64x2_t root0 = vcvtq_u64_f64(vsqrtq_f64(vcvtq_f64_u64(n0)));
    const uint64x2_t root1 = vcvtq_u64_f64(vsqrtq_f64(vcvtq_f64_u64(n1)));
    const uint32x4_t low = vuzp1q_u32(vreinterpretq_u32_u64(n0), vreinterpretq_u32_u64(n1));
    const uint32x4_t high = vuzp2q_u32(vreinterpretq_u32_u64(n0), vreinterpretq_u32_u64(n1));
    uint32x4_t root = vuzp1q_u32(vreinterpretq_u32_u64(root0), vreinterpretq_u32_u64(root1));
    root = vsubq_u32(root, vcgtq_u32(vmlsq_u32(low, root, root), root));
    return vminq_u32(root, vornq_u32(vdupq_n_u32(0xFFFF), vceqzq_u32(high)));
}

/// k_micro_reduce_noise
LANES uint32x4_t reduce_noise(uint32x4_t signal, uint32_t *estimate) {
    const uint32x4_t odd = vreinterpretq_u32_u64(vdupq_n_u64(0xFFFFFFFF00000000));
    const uint32x4_t share = vbslq_u32(odd, vdupq_n_u32(K_MICRO_SMOOTHING_ODD), vdupq_n_u32(K_MICRO_SMOOTHING_EVEN));
    const uint32x4_t rest = vsubq_u32(vdupq_n_u32(1 << 14), share), fine = vshlq_n_u32(signal, 10);
    uint32x4_t noise = PRODUCTS(fine, share, vld1q_u32(estimate), rest, 14);
    vst1q_u32(estimate, noise);
    noise = vminq_u32(noise, fine);
    const uint32x4_t least = PRODUCT(signal, vdupq_n_u32(K_MICRO_REMAINING), 14);
    return vmaxq_u32(vshrq_n_u32(vsubq_u32(fine, noise), 10), least);
}

/// k_micro_gain
LANES uint32x4_t gains(uint32x4_t x, const int16_t *table) {
    const uint32x4_t zeros = vclzq_u32(x), bits = vsubq_u32(vdupq_n_u32(32), zeros);
    const int16x8_t row01 = vcombine_s16(vld1_s16(table + 4 * vgetq_lane_u32(bits, 0)),
                                         vld1_s16(table + 4 * vgetq_lane_u32(bits, 1)));
    const int16x8_t row23 = vcombine_s16(vld1_s16(table + 4 * vgetq_lane_u32(bits, 2)),
                                         vld1_s16(table + 4 * vgetq_lane_u32(bits, 3)));
    const int32x4_t even = vreinterpretq_s32_s16(vuzp1q_s16(row01, row23)); // constant, quadratic
    const int32x4_t odd = vreinterpretq_s32_s16(vuzp2q_s16(row01, row23));  // linear
    const uint32x4_t leading = vshlq_u32(x, vreinterpretq_s32_u32(zeros));
    const int32x4_t way = vreinterpretq_s32_u32(vandq_u32(vshrq_n_u32(leading, 21), vdupq_n_u32(0x3FF)));
    const int32x4_t linear = vshrq_n_s32(vshlq_n_s32(odd, 16), 11);
    const int32x4_t slope = vsraq_n_s32(linear, vmulq_s32(vshrq_n_s32(even, 16), way), 5);
    const int32x4_t gain = vsraq_n_s32(even, vmlaq_s32(vdupq_n_s32(1 << 14), slope, way), 15);
    return vreinterpretq_u32_s32(vshrq_n_s32(vshlq_n_s32(gain, 16), 16));
}

/// k_micro_normalise
LANES uint32x4_t normalise(uint32x4_t signal, uint32x4_t gain) {
    const uint32x4_t x = PRODUCT(signal, gain, 6);
    const uint32x4_t square = vshrq_n_u32(vmulq_u32(x, x), 20);
    const uint32x4_t line = vsubq_u32(vshrq_n_u32(x, 6), vdupq_n_u32(1 << 6));
    return vbslq_u32(vcltq_u32(x, vdupq_n_u32(2 << 12)), square, line);
}

/// Two neighbouring entries of the table in each lane.
LANES uint32x4_t neighbours(uint32x4_t index, const uint16_t *segments) {
    uint32x4_t pairs = vdupq_n_u32(0);
    pairs = vld1q_lane_u32((const void *)(segments + vgetq_lane_u32(index, 0)), pairs, 0);
    pairs = vld1q_lane_u32((const void *)(segments + vgetq_lane_u32(index, 1)), pairs, 1);
    pairs = vld1q_lane_u32((const void *)(segments + vgetq_lane_u32(index, 2)), pairs, 2);
    return vld1q_lane_u32((const void *)(segments + vgetq_lane_u32(index, 3)), pairs, 3);
}

/// k_micro_log
LANES uint16x4_t logarithms(uint32x4_t signal, const uint16_t *segments) {
    const uint32x4_t x = vshlq_n_u32(signal, 3), zeros = vclzq_u32(x);
    const uint32x4_t rest = vshlq_n_u32(vshlq_u32(x, vreinterpretq_s32_u32(zeros)), 1);
    const uint32x4_t fraction = vshrq_n_u32(rest, 16), segment = vshrq_n_u32(rest, 25);
    const uint32x4_t pairs = neighbours(segment, segments), base = vandq_u32(pairs, vdupq_n_u32(0xFFFF));
    const int32x4_t rise = vreinterpretq_s32_u32(vsubq_u32(vshrq_n_u32(pairs, 16), base));
    const int32x4_t way = vreinterpretq_s32_u32(vandq_u32(fraction, vdupq_n_u32(511)));
    const uint32x4_t above = vreinterpretq_u32_s32(vsraq_n_s32(vreinterpretq_s32_u32(base), vmulq_s32(rise, way), 16));
    const uint32x4_t whole = vshlq_n_u32(vsubq_u32(vdupq_n_u32(31), zeros), 16);
    const uint32x4_t log2 = vaddq_u32(vaddq_u32(whole, fraction), above);
    const uint32x2_t ln2 = vdup_n_u32(45426);
    const uint32x4_t ln = vrshrn_high_n_u64(vrshrn_n_u64(vmull_u32(vget_low_u32(log2), ln2), 16),
                                            vmull_high_u32(log2, vcombine_u32(ln2, ln2)), 16);
    return vqmovn_u32(vandq_u32(vrshrq_n_u32(ln, 10), vtstq_u32(x, x)));
}

void micro_frontend_8_neon(k_micro_frontend *f, const int16_t *samples) {
    micro_planes a, b;
    uint64_t sums[K_MICRO_CHANNELS];
    const int32_t shift = window_samples(samples, f->window, f->samples);
    transform(f->samples, shift, &f->lanes, &a, &b);
    energies(&a, &f->lanes, f->energy);
    filter(f, sums);
    ROLLED for (int32_t c = 0; c < K_MICRO_CHANNELS; c += 4) {
        const uint32x4_t root = rounded_roots(sums + c);
        const uint32x4_t signal = reduce_noise(vshlq_u32(root, vdupq_n_s32(-shift)), f->estimate + c);
        const uint32x4_t level = normalise(signal, gains(vld1q_u32(f->estimate + c), f->gain));
        vst1_u16(f->features + c, logarithms(level, f->segments));
    }
}
#endif
