#if defined(__aarch64__)
#include "hybrid.h"
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_panels_neon.h"

#define TARGET __attribute__((target("dotprod")))

// Four taps of sixteen filters are four vectors; sdot multiplies them by four taps of a row, a lane
// of its sixteen. 128 sdot of 142 instructions for 2048 products bound the loop. Accumulators
// v16–v31, weights v0–v7, taps v8–v15.
#define DOT(A, W, X, LANE) "sdot v" A ".4s, v" W ".16b, v" X ".4b[" LANE "]\n"
#define ROW(X, LANE, W0, W1, W2, W3, A, B, C, D) DOT(A, W0, X, LANE) DOT(B, W1, X, LANE) DOT(C, W2, X, LANE) DOT(D, W3, X, LANE)
#define LOAD(W0, W1, W2, W3) "ld1 {v" W0 ".16b, v" W1 ".16b, v" W2 ".16b, v" W3 ".16b}, [%[w]], #64\n"
#define LOW_TAPS_1(LANE, W0, W1, W2, W3) LOAD(W0, W1, W2, W3) ROW("8", LANE, W0, W1, W2, W3, "16", "17", "18", "19")
#define HIGH_TAPS_1(LANE, W0, W1, W2, W3) LOAD(W0, W1, W2, W3) ROW("9", LANE, W0, W1, W2, W3, "16", "17", "18", "19")
#define ROWS_4(LANE, X0, X1, X2, X3, W0, W1, W2, W3)                                                               \
    LOAD(W0, W1, W2, W3)                                                                                           \
    ROW(X0, LANE, W0, W1, W2, W3, "16", "17", "18", "19")                                                          \
    ROW(X1, LANE, W0, W1, W2, W3, "20", "21", "22", "23")                                                          \
    ROW(X2, LANE, W0, W1, W2, W3, "24", "25", "26", "27")                                                          \
    ROW(X3, LANE, W0, W1, W2, W3, "28", "29", "30", "31")
#define LOW_TAPS_4(LANE, W0, W1, W2, W3) ROWS_4(LANE, "8", "10", "12", "14", W0, W1, W2, W3)
#define HIGH_TAPS_4(LANE, W0, W1, W2, W3) ROWS_4(LANE, "9", "11", "13", "15", W0, W1, W2, W3)
#define EIGHT(ROWS, FIRST, SECOND) ROWS(FIRST, "0", "1", "2", "3") ROWS(SECOND, "4", "5", "6", "7")
#define TAKE_32(X, A, B) "ldp q" A ", q" B ", [%[" X "]], #32\n"
#define TAKE_16(X, A, B) "ldr q" A ", [%[" X "]], #16\n"
#define TAKE_8(X, A, B) "ldr d" A ", [%[" X "]], #8\n"
#define TAPS_1(TAKE) TAKE("x0", "8", "9")
#define TAPS_4(TAKE) TAPS_1(TAKE) TAKE("x1", "10", "11") TAKE("x2", "12", "13") TAKE("x3", "14", "15")
// 32 taps at a time, and what is left by 16 and by 8.
#define LOOP(TAPS, LOW, HIGH)                                                                                      \
    "subs %w[count], %w[count], #4\n"                                                                              \
    "b.lt 1f\n"                                                                                                    \
    "0:\n" TAPS(TAKE_32) EIGHT(LOW, "0", "1") EIGHT(LOW, "2", "3") EIGHT(HIGH, "0", "1") EIGHT(HIGH, "2", "3")     \
    "subs %w[count], %w[count], #4\n"                                                                              \
    "b.ge 0b\n"                                                                                                    \
    "1: tbz %w[count], #1, 2f\n" TAPS(TAKE_16) EIGHT(LOW, "0", "1") EIGHT(LOW, "2", "3")                           \
    "2: tbz %w[count], #0, 4f\n" TAPS(TAKE_8) EIGHT(LOW, "0", "1")                                                 \
    "4:\n"

TARGET K_INLINE void panel_4x16(const k_s8_panels *p, const uint8_t *packed, const uint8_t *chains,
                                const uint8_t *behind, ptrdiff_t back, uint8_t *output) {
    (void)chains;
    K_PANEL_VARIABLES;
    __asm__ volatile(K_TILE K_START_TILE K_UNLESS_HYBRID("5") K_FOLD_ROWS "5:\n"
                     K_SEGMENTS(LOOP(TAPS_4, LOW_TAPS_4, HIGH_TAPS_4)) K_LOAD_FLAGS
                     K_UNLESS_HYBRID("6") K_FINISH_FLOATS "b 7f\n"
                     "6:\n" K_FINISH_BYTES "7:\n" K_NEXT_TILE
                     : K_PANEL_OPERANDS
                     : K_PANEL_INPUTS
                     : K_PANEL_CLOBBERS);
}

TARGET K_INLINE void multiply(int32x4_t *acc, int32_t rows, int32_t lanes, const int8_t *x[], const int8_t **w,
                              int32_t n, const uint8_t **chain, int32_t count) {
    (void)chain;
    if (lanes == K_PANEL) {
        register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
        register int32x4_t a3 __asm__("v19") = acc[3];
        __asm__(LOOP(TAPS_1, LOW_TAPS_1, HIGH_TAPS_1)
                : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), [x0] "+r"(x[0]), [w] "+r"(*w), [count] "+r"(count)
                :
                : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "cc", "memory");
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

K_INLINE void start(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias, const int32_t *folds) {
    k_start_folded_rows(acc, rows, lanes, bias, folds);
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

/// Hybrid convolution: the same walk, another end.
void hybrid_gemm_4x16_neondot(const void *block) { run_hybrid(block); }
#endif
