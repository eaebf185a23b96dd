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
#define LOOP                                                                                                       \
    "0: ldr d8, [%[x0]], #8\n ldr d9, [%[x2]], #8\n"                                                               \
    "ld1 {v8.d}[1], [%[x1]], #8\n ld1 {v9.d}[1], [%[x3]], #8\n" WEIGHTS                                            \
    MULTIPLY("16", "24", "0") MULTIPLY("17", "25", "1") MULTIPLY("18", "26", "2") MULTIPLY("19", "27", "3")        \
    MULTIPLY("20", "28", "4") MULTIPLY("21", "29", "5") MULTIPLY("22", "30", "6") MULTIPLY("23", "31", "7")        \
    "subs %w[count], %w[count], #1\n"                                                                              \
    "b.ne 0b\n"
/// acc[lanes / 2 · (r / 2) + j]: pixels r and r + 1, filters 2j and 2j + 1.
TARGET K_INLINE void multiply(int32x4_t *acc, int32_t rows, int32_t lanes, const int8_t *x[], const int8_t **w,
                              int32_t n, const uint8_t **chain, int32_t count) {
    (void)chain;
    if (lanes == K_PANEL) {
        K_TILE_REGISTERS(acc);
        __asm__(LOOP
                : K_TILE_OPERANDS, [x0] "+r"(x[0]), [x1] "+r"(x[1]), [x2] "+r"(x[2]), [x3] "+r"(x[3]), [w] "+r"(*w),
                  [count] "+r"(count)
                :
                : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "cc", "memory");
        K_TILE_BACK(acc);
        return;
    }
    for (; count > 0; count--, *w += K_GROUP * n)
        for (int32_t r = 0; r < rows; r += 2) {
            const int8x16_t taps = vcombine_s8(vld1_s8(x[r]), vld1_s8(x[r + 1]));
            x[r] += K_GROUP;
            x[r + 1] += K_GROUP;
            for (int32_t j = 0; j < lanes / 2; j++) {
                int32x4_t *a = &acc[lanes / 2 * (r / 2) + j];
                *a = vmmlaq_s32(*a, taps, vld1q_s8(*w + 16 * j));
            }
        }
}

K_INLINE void start(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    (void)rows;
    for (int32_t j = 0; j < lanes / 2; j++)
        acc[j] = acc[lanes / 2 + j] = vreinterpretq_s32_s64(vld1q_dup_s64((const int64_t *)(bias + 2 * j)));
}

K_INLINE void finish(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    (void)rows, (void)bias;
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

#define FOUR_ONLY
#define STEP 8
#include "s8_panels_walk_neon.h"

/// int8 convolution with NEON's matrix products, 4 pixels by 16 channels. A single pixel has no
/// partner in a matrix: pack() leaves layers of fewer than four to the dot products.
void s8_gemm_4x16_neoni8mm(const void *block) {
    const k_s8_convolution *b = block;
    if (k_pixels(&b->shape) < K_TILE_PIXELS)
        s8_gemm_4x16_neondot(b);
    else
        run(b);
}
#endif
