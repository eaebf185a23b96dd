#if defined(__aarch64__)
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_panels_neon.h"

#define TARGET __attribute__((target("dotprod")))

// Four taps of sixteen filters are four vectors; sdot multiplies them by four taps of a row, a lane
// of its sixteen. 64 sdot of 74 instructions for 1024 products bound the loop. Accumulators
// v16–v31, weights v0–v7, taps v8–v11.
#define DOT(A, W, X, LANE) "sdot v" A ".4s, v" W ".16b, v" X ".4b[" LANE "]\n"
#define ROW(X, LANE, W0, W1, W2, W3, A, B, C, D) DOT(A, W0, X, LANE) DOT(B, W1, X, LANE) DOT(C, W2, X, LANE) DOT(D, W3, X, LANE)
#define LOAD(W0, W1, W2, W3) "ld1 {v" W0 ".16b, v" W1 ".16b, v" W2 ".16b, v" W3 ".16b}, [%[w]], #64\n"
#define ROWS_1(LANE, W0, W1, W2, W3) LOAD(W0, W1, W2, W3) ROW("8", LANE, W0, W1, W2, W3, "16", "17", "18", "19")
#define ROWS_4(LANE, W0, W1, W2, W3)                                                                               \
    ROWS_1(LANE, W0, W1, W2, W3)                                                                                   \
    ROW("9", LANE, W0, W1, W2, W3, "20", "21", "22", "23")                                                         \
    ROW("10", LANE, W0, W1, W2, W3, "24", "25", "26", "27")                                                        \
    ROW("11", LANE, W0, W1, W2, W3, "28", "29", "30", "31")
#define TAPS_1(SIZE, BYTES) "ldr " SIZE "8, [%[x0]], #" BYTES "\n"
#define TAPS_4(SIZE, BYTES)                                                                                        \
    TAPS_1(SIZE, BYTES) "ldr " SIZE "9, [%[x1]], #" BYTES "\n"                                                     \
    "ldr " SIZE "10, [%[x2]], #" BYTES "\n ldr " SIZE "11, [%[x3]], #" BYTES "\n"
#define EIGHT(ROWS, FIRST, SECOND) ROWS(FIRST, "0", "1", "2", "3") ROWS(SECOND, "4", "5", "6", "7")
#define LOOP(TAPS, ROWS)                                                                                           \
    "subs %w[count], %w[count], #2\n"                                                                              \
    "b.lt 1f\n"                                                                                                    \
    "0:\n" TAPS("q", "16") EIGHT(ROWS, "0", "1") EIGHT(ROWS, "2", "3")                                             \
    "subs %w[count], %w[count], #2\n"                                                                              \
    "b.ge 0b\n"                                                                                                    \
    "1: tbz %w[count], #0, 2f\n" TAPS("d", "8") EIGHT(ROWS, "0", "1")                                              \
    "2:\n"
#define LOOP_CLOBBERS "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "cc", "memory"

TARGET K_INLINE void multiply(int32x4_t *acc, int32_t rows, int32_t lanes, const int8_t *x[], const int8_t **w,
                              int32_t n, const uint8_t **chain, int32_t count) {
    (void)chain;
    if (rows == 4 && lanes == K_PANEL) {
        K_TILE_REGISTERS(acc);
        __asm__(LOOP(TAPS_4, ROWS_4)
                : K_TILE_OPERANDS, [x0] "+r"(x[0]), [x1] "+r"(x[1]), [x2] "+r"(x[2]), [x3] "+r"(x[3]), [w] "+r"(*w),
                  [count] "+r"(count)
                :
                : LOOP_CLOBBERS);
        K_TILE_BACK(acc);
    } else if (lanes == K_PANEL) {
        register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
        register int32x4_t a3 __asm__("v19") = acc[3];
        __asm__(LOOP(TAPS_1, ROWS_1)
                : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), [x0] "+r"(x[0]), [w] "+r"(*w), [count] "+r"(count)
                :
                : LOOP_CLOBBERS);
        acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;
    } else {
        for (; count > 0; count--, *w += K_GROUP * n)
            for (int32_t r = 0; r < rows; r++) {
                const int8x8_t taps = vld1_s8(x[r]);
                x[r] += K_GROUP;
                for (int32_t h = 0; h < 2; h++) {
                    acc[2 * r + h] = vdotq_lane_s32(acc[2 * r + h], vld1q_s8(*w + 16 * h), taps, 0);
                    acc[2 * r + h] = vdotq_lane_s32(acc[2 * r + h], vld1q_s8(*w + 4 * n + 16 * h), taps, 1);
                }
            }
    }
}

K_INLINE void start(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    k_start_rows(acc, rows, lanes, bias);
}
K_INLINE void finish(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    (void)acc, (void)rows, (void)lanes, (void)bias;
}

#define STEP 4
#include "s8_panels_walk_neon.h"

/// int8 convolution with NEON's dot products, 4 pixels by 16 channels.
void s8_gemm_4x16_neondot(const void *block) {
    const k_s8_convolution *b = block;
    if (k_s8_is_gemv(b->weights))
        s8_gemv_16_neondot(b);
    else
        run(b);
}
#endif
