#if defined(__aarch64__)
#include "kernels.h"
#include "s8_panels_neon.h"

#define TARGET __attribute__((target("dotprod,i8mm")))

// Eight taps of two filters are a vector, and so are eight taps of two pixels: smmla makes the four
// sums. 16 smmla of 24 instructions for 512 products bound the loop. Accumulators v16–v23 (pixels 0
// and 1), v24–v31 (2 and 3), weights v0–v7, taps v8 and v9.
#define WEIGHTS                                                                                                    \
    "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[w]], #64\n"                                                          \
    "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[w]], #64\n"
#define MULTIPLY(A, B, W) "smmla v" A ".4s, v8.16b, v" W ".16b\n smmla v" B ".4s, v9.16b, v" W ".16b\n"
#define DOT(A, W) "sdot v" A ".4s, v" W ".16b, v8.16b\n"
#define LOOP                                                                                                       \
    "0: ldr d8, [%[x0]], #8\n ldr d9, [%[x2]], #8\n"                                                               \
    "ld1 {v8.d}[1], [%[x1]], #8\n ld1 {v9.d}[1], [%[x3]], #8\n" WEIGHTS                                            \
    MULTIPLY("16", "24", "0") MULTIPLY("17", "25", "1") MULTIPLY("18", "26", "2") MULTIPLY("19", "27", "3")        \
    MULTIPLY("20", "28", "4") MULTIPLY("21", "29", "5") MULTIPLY("22", "30", "6") MULTIPLY("23", "31", "7")        \
    "subs %w[count], %w[count], #1\n"                                                                              \
    "b.ne 0b\n"
#define LOOP_1                                                                                                     \
    "0: ld1r {v8.2d}, [%[x0]], #8\n" WEIGHTS                                                                       \
    DOT("16", "0") DOT("17", "1") DOT("18", "2") DOT("19", "3") DOT("20", "4") DOT("21", "5") DOT("22", "6")       \
    DOT("23", "7")                                                                                                 \
    "subs %w[count], %w[count], #1\n"                                                                              \
    "b.ne 0b\n"

/// acc[lanes / 2 · (r / 2) + j]: pixels r and r + 1, filters 2j and 2j + 1. One pixel has no partner,
/// and sdot then leaves two halves of a sum for each filter.
TARGET K_INLINE void multiply(int32x4_t *acc, int32_t rows, int32_t lanes, const int8_t *x[], const int8_t **w,
                              int32_t n, const uint8_t **chain, int32_t count) {
    (void)chain;
    if (rows == 4 && lanes == K_PANEL) {
        K_TILE_REGISTERS(acc);
        __asm__(LOOP
                : K_TILE_OPERANDS, [x0] "+r"(x[0]), [x1] "+r"(x[1]), [x2] "+r"(x[2]), [x3] "+r"(x[3]), [w] "+r"(*w),
                  [count] "+r"(count)
                :
                : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "cc", "memory");
        K_TILE_BACK(acc);
        return;
    }
    if (lanes == K_PANEL) {
        register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
        register int32x4_t a3 __asm__("v19") = acc[3], a4 __asm__("v20") = acc[4], a5 __asm__("v21") = acc[5];
        register int32x4_t a6 __asm__("v22") = acc[6], a7 __asm__("v23") = acc[7];
        __asm__(LOOP_1
                : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), "+w"(a4), "+w"(a5), "+w"(a6), "+w"(a7), [x0] "+r"(x[0]),
                  [w] "+r"(*w), [count] "+r"(count)
                :
                : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "cc", "memory");
        acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3, acc[4] = a4, acc[5] = a5, acc[6] = a6, acc[7] = a7;
        return;
    }
    for (; count > 0; count--, *w += K_GROUP * n)
        for (int32_t r = 0; r < rows; r += 2) {
            const int8x8_t first = vld1_s8(x[r]);
            const int8x16_t taps = vcombine_s8(first, rows == 1 ? first : vld1_s8(x[rows == 1 ? 0 : r + 1]));
            for (int32_t j = 0; j < lanes / 2; j++) {
                int32x4_t *a = &acc[lanes / 2 * (r / 2) + j];
                const int8x16_t filters = vld1q_s8(*w + 16 * j);
                *a = rows == 1 ? vdotq_s32(*a, filters, taps) : vmmlaq_s32(*a, taps, filters);
            }
            x[r] += K_GROUP;
            if (rows > 1) x[r + 1] += K_GROUP;
        }
}

K_INLINE void start(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    for (int32_t j = 0; j < lanes / 2; j++) {
        acc[j] = rows == 1 ? vdupq_n_s32(0) : vreinterpretq_s32_s64(vld1q_dup_s64((const int64_t *)(bias + 2 * j)));
        if (rows > 1) acc[lanes / 2 + j] = acc[j];
    }
}

K_INLINE void finish(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    if (rows == 1) {
        for (int32_t h = 0; h < lanes / 4; h++)
            acc[h] = vaddq_s32(vpaddq_s32(acc[2 * h], acc[2 * h + 1]), vld1q_s32(bias + 4 * h));
        return;
    }
    int32x4_t pairs[K_PANEL];
    for (int32_t i = 0; i < lanes; i++) pairs[i] = acc[i];
    for (int32_t p = 0; p < 2; p++)
        for (int32_t h = 0; h < lanes / 4; h++) {
            const int64x2_t a = vreinterpretq_s64_s32(pairs[lanes / 2 * p + 2 * h]);
            const int64x2_t b = vreinterpretq_s64_s32(pairs[lanes / 2 * p + 2 * h + 1]);
            acc[lanes / 4 * (2 * p) + h] = vreinterpretq_s32_s64(vuzp1q_s64(a, b));
            acc[lanes / 4 * (2 * p + 1) + h] = vreinterpretq_s32_s64(vuzp2q_s64(a, b));
        }
}

#define STEP 8
#include "s8_panels_walk_neon.h"

/// int8 convolution with NEON's matrix products, 4 pixels by 16 channels.
void s8_gemm_4x16_neoni8mm(const void *block) { run(block); }
#endif
