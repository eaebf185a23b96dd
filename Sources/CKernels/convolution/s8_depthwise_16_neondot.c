#if defined(__aarch64__)
#include "kernels.h"
#include "s8_depthwise_16_neon.h"
#include "s8_depthwise_line.h"

#define TARGET __attribute__((target("dotprod")))
enum { BLOCK_WEIGHTS = K_DOT_TAPS };
#define LEFT "12", "13", "14", "15"
#define MIDDLE "16", "17", "18", "19"
#define RIGHT "20", "21", "22", "23"
#define ACC "24", "25", "26", "27"
#define LOAD_WEIGHTS                                                                                               \
    "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[weights]], #64\n"                                                    \
    "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[weights]], #64\n"                                                    \
    "ld1 {v8.16b, v9.16b, v10.16b, v11.16b}, [%[weights]]\n"
// As sdot wants it: for each channel its three taps and one that meets a weight of 0, sixteen channels in four vectors.
#define COLUMN(A, B, C, D)                                                                                         \
    "ld1 {v24.16b}, [%[x0]], %[s0]\n ld1 {v25.16b}, [%[x1]], %[s1]\n ld1 {v26.16b}, [%[x2]], %[s2]\n"              \
    "zip1 v27.16b, v24.16b, v25.16b\n zip2 v28.16b, v24.16b, v25.16b\n"                                            \
    "zip1 v24.16b, v26.16b, v26.16b\n zip2 v25.16b, v26.16b, v26.16b\n"                                            \
    "zip1 v" A ".8h, v27.8h, v24.8h\n zip2 v" B ".8h, v27.8h, v24.8h\n"                                            \
    "zip1 v" C ".8h, v28.8h, v25.8h\n zip2 v" D ".8h, v28.8h, v25.8h\n"
#define DOT(A, X, W) "sdot v" A ".4s, v" X ".16b, v" W ".16b\n"
#define PRODUCTS(A, B, C, D, E, F, G, H, I, J, K, L)                                                               \
    DOT("24", A, "0") DOT("25", B, "1") DOT("26", C, "2") DOT("27", D, "3")                                        \
    DOT("24", E, "4") DOT("25", F, "5") DOT("26", G, "6") DOT("27", H, "7")                                        \
    DOT("24", I, "8") DOT("25", J, "9") DOT("26", K, "10") DOT("27", L, "11")

// Bounded by the requantisation: 18 of a pixel's 46 instructions, of which 12 are sdot.
#include "s8_depthwise_3x3_neon.h"

enum { GROUP = 4 };

/// For each channel its four taps.
TARGET K_INLINE void interleave(const int8_t *const taps[GROUP], int8_t *to) {
    const int8x16_t a = vld1q_s8(taps[0]), b = vld1q_s8(taps[1]), c = vld1q_s8(taps[2]), d = vld1q_s8(taps[3]);
    const int16x8_t ab = vreinterpretq_s16_s8(vzip1q_s8(a, b)), cd = vreinterpretq_s16_s8(vzip1q_s8(c, d));
    const int16x8_t ab2 = vreinterpretq_s16_s8(vzip2q_s8(a, b)), cd2 = vreinterpretq_s16_s8(vzip2q_s8(c, d));
    const int8x16x4_t all = {{vreinterpretq_s8_s16(vzip1q_s16(ab, cd)), vreinterpretq_s8_s16(vzip2q_s16(ab, cd)),
                              vreinterpretq_s8_s16(vzip1q_s16(ab2, cd2)), vreinterpretq_s8_s16(vzip2q_s16(ab2, cd2))}};
    vst1q_s8_x4(to, all);
}

TARGET K_INLINE void dot(int32x4_t acc[4], const int8x16x4_t *x, const int8x16x4_t *w) {
    for (int i = 0; i < 4; i++) acc[i] = vdotq_s32(acc[i], x->val[i], w->val[i]);
}

/// What the second output reads first the first reads next: 10 instructions for the 128 products of a group.
TARGET K_INLINE void multiply(int32x4_t acc[8], const int8_t *x, const int8_t *w, int32_t groups) {
    int8x16x4_t here = vld1q_s8_x4(x), next, weights;
#pragma clang loop unroll(disable)
    for (; groups >= 2; groups -= 2) {
        weights = vld1q_s8_x4(w), next = vld1q_s8_x4(x += 64);
        dot(acc, &here, &weights);
        dot(acc + 4, &next, &weights);
        weights = vld1q_s8_x4(w + 64), here = vld1q_s8_x4(x += 64);
        dot(acc, &next, &weights);
        dot(acc + 4, &here, &weights);
        w += 128;
    }
    if (groups) {
        weights = vld1q_s8_x4(w), next = vld1q_s8_x4(x + 64);
        dot(acc, &here, &weights);
        dot(acc + 4, &next, &weights);
    }
}

#include "s8_depthwise_sliding_neon.h"

/// int8 depthwise convolution with NEON's dot products, sixteen channels at a time.
void s8_depthwise_16_neondot(const void *block) {
    static const k_s8_depthwise_ways ways = {planes_3x3, &slider, s8_gemm_4x16_neondot};
    if (k_s8_is_line(((const k_s8_convolution *)block)->weights))
        s8_depthwise_line_neon(block);
    else
        k_s8_depthwise_16_neon(block, &ways);
}
#endif
