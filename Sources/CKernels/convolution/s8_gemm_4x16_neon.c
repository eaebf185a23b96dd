#if defined(__aarch64__)
#include "hybrid.h"
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_panels_neon.h"

// Eight taps of a row, in pairs that ld4r broadcasts: smull and smlal hold the sum of two products
// in int16 (of three or four where pack() found room), sadalp widens it. These bound the loop: 96 (80)
// of its 106 (90) instructions for 512 products. A compiler runs out of registers here, hence by hand:
// accumulators v16–v31, weights v0–v7, taps v8–v11, products v12–v15.
#define LOW_PRODUCTS(OP, PAIR, W) OP " v12.8h, v" W ".8b, v" PAIR ".8b\n" OP "2 v13.8h, v" W ".16b, v" PAIR ".16b\n"
#define HIGH_PRODUCTS(OP, PAIR, W) OP " v14.8h, v" W ".8b, v" PAIR ".8b\n" OP "2 v15.8h, v" W ".16b, v" PAIR ".16b\n"
#define PRODUCTS(OP, PAIR, LOW, HIGH) LOW_PRODUCTS(OP, PAIR, LOW) HIGH_PRODUCTS(OP, PAIR, HIGH)
#define WIDEN_LOW(A, B) "sadalp v" A ".4s, v12.8h\n sadalp v" B ".4s, v13.8h\n"
#define WIDEN_HIGH(C, D) "sadalp v" C ".4s, v14.8h\n sadalp v" D ".4s, v15.8h\n"
#define WIDEN(A, B, C, D) WIDEN_LOW(A, B) WIDEN_HIGH(C, D)
// A row's taps are loaded while the row before is widened.
#define TAKE(X) "ld4r {v8.8h, v9.8h, v10.8h, v11.8h}, [%[" X "]], #8\n"
#define ROW_OF_TWO(NEXT, A, B, C, D)                                                               \
    PRODUCTS("smull", "8", "0", "1") PRODUCTS("smlal", "9", "2", "3") WIDEN(A, B, C, D)            \
    PRODUCTS("smull", "10", "4", "5") PRODUCTS("smlal", "11", "6", "7") NEXT WIDEN(A, B, C, D)
#define ROW_OF_FOUR(NEXT, A, B, C, D)                                                              \
    PRODUCTS("smull", "8", "0", "1") PRODUCTS("smlal", "9", "2", "3")                              \
    PRODUCTS("smlal", "10", "4", "5") PRODUCTS("smlal", "11", "6", "7") NEXT WIDEN(A, B, C, D)
#define TAKE_3(X) "ld3r {v8.8h, v9.8h, v10.8h}, [%[" X "]], #6\n"
#define ROW_OF_SIX(NEXT, A, B, C, D)                                                               \
    PRODUCTS("smull", "8", "0", "1") PRODUCTS("smlal", "9", "2", "3")                              \
    PRODUCTS("smlal", "10", "4", "5") NEXT WIDEN(A, B, C, D)
// Two rows abreast, where half the weights' registers are free: an A53 need not wait for products.
#define OTHER_PRODUCTS(OP, PAIR, LOW, HIGH)                                                        \
    OP " v4.8h, v" LOW ".8b, v" PAIR ".8b\n" OP "2 v5.8h, v" LOW ".16b, v" PAIR ".16b\n"           \
    OP " v6.8h, v" HIGH ".8b, v" PAIR ".8b\n" OP "2 v7.8h, v" HIGH ".16b, v" PAIR ".16b\n"
#define ROWS_OF_FOUR_TAPS(X, Y, A, B, C, D, E, F, G, H)                                            \
    "ld2r {v8.8h, v9.8h}, [%[" X "]], #4\n ld2r {v10.8h, v11.8h}, [%[" Y "]], #4\n"                \
    PRODUCTS("smull", "8", "0", "1") OTHER_PRODUCTS("smull", "10", "0", "1")                       \
    PRODUCTS("smlal", "9", "2", "3") OTHER_PRODUCTS("smlal", "11", "2", "3") WIDEN(A, B, C, D)     \
    "sadalp v" E ".4s, v4.8h\n sadalp v" F ".4s, v5.8h\n"                                          \
    "sadalp v" G ".4s, v6.8h\n sadalp v" H ".4s, v7.8h\n"
#define FOUR_TAPS                                                                                  \
    ROWS_OF_FOUR_TAPS("x0", "x1", "16", "17", "18", "19", "20", "21", "22", "23")                  \
    ROWS_OF_FOUR_TAPS("x2", "x3", "24", "25", "26", "27", "28", "29", "30", "31")
// Widened between: the last eight filters, or the first.
#define ROW_OF_LOW_FOUR(NEXT, A, B, C, D)                                                          \
    PRODUCTS("smull", "8", "0", "1") PRODUCTS("smlal", "9", "2", "3")                              \
    LOW_PRODUCTS("smlal", "10", "4") WIDEN_HIGH(C, D)                                              \
    HIGH_PRODUCTS("smull", "10", "5") PRODUCTS("smlal", "11", "6", "7") NEXT WIDEN(A, B, C, D)
#define ROW_OF_HIGH_FOUR(NEXT, A, B, C, D)                                                         \
    PRODUCTS("smull", "8", "0", "1") PRODUCTS("smlal", "9", "2", "3")                              \
    HIGH_PRODUCTS("smlal", "10", "5") WIDEN_LOW(A, B)                                              \
    LOW_PRODUCTS("smull", "10", "4") HIGH_PRODUCTS("smlal", "11", "7") LOW_PRODUCTS("smlal", "11", "6")            \
    NEXT WIDEN_HIGH(C, D) WIDEN_LOW(A, B)
#define ROWS(ROW, TAKE)                                                                            \
    ROW(TAKE("x1"), "16", "17", "18", "19") ROW(TAKE("x2"), "20", "21", "22", "23")                \
    ROW(TAKE("x3"), "24", "25", "26", "27") ROW("", "28", "29", "30", "31")

// Pairs of taps of fewer filters than eight lie nearer, and vectors overlap.
#define LOOP_OF(FOUR, TWO)                                                                                         \
    "0: ld1 {v0.16b}, [%[w]], %[pair]\n ld1 {v1.16b}, [%[w]], %[pair]\n"                                           \
    "ld1 {v2.16b}, [%[w]], %[pair]\n ld1 {v3.16b}, [%[w]], %[pair]\n"                                             \
    "ldrb %w[four], [%[chain]], #1\n"                                                                              \
    "cbz %w[four], 1f\n" FOUR                                                                                      \
    "subs %w[count], %w[count], #1\n"                                                                              \
    "b.ne 0b\n"                                                                                                    \
    "b 2f\n"                                                                                                       \
    "1:\n" TWO                                                                                                     \
    "subs %w[count], %w[count], #1\n"                                                                              \
    "b.ne 0b\n"                                                                                                    \
    "2:\n"
// Unit by unit (k_panel_unit), each of which goes on to the next: its byte is where that one's code stands. It is loaded
// early, for an A53 waits for what it loads.
#define LOAD_NEXT "ldrb %w[unit], [%[chain]], #1\n"
#define NEXT_UNIT "add %[unit], %[base], %[unit], lsl #4\n br %[unit]\n"
#define PLACE(KIND) ".org 4b + 16 * %c[" KIND "]\n"
#define UNIT(KIND) PLACE(KIND) LOAD_NEXT
#define FOUR_WEIGHTS "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[w]], #64\n"
#define EIGHT_TAPS(ROW) FOUR_WEIGHTS TAKE("x0") MORE_WEIGHTS ROWS(ROW, TAKE)
#define SIX_TAPS FOUR_WEIGHTS "ld1 {v4.16b, v5.16b}, [%[w]], #32\n" TAKE_3("x0") ROWS(ROW_OF_SIX, TAKE_3)
#define UNITS                                                                                                      \
    NEXT_UNIT "4:\n" UNIT("chain_of_4") EIGHT_TAPS(ROW_OF_FOUR) NEXT_UNIT                                          \
    UNIT("chain_of_3") SIX_TAPS NEXT_UNIT                                                                          \
    UNIT("chains_of_2") EIGHT_TAPS(ROW_OF_TWO) NEXT_UNIT                                                           \
    UNIT("chain_of_2") FOUR_WEIGHTS FOUR_TAPS NEXT_UNIT                                                            \
    UNIT("low_chain") EIGHT_TAPS(ROW_OF_LOW_FOUR) NEXT_UNIT                                                        \
    UNIT("high_chain") EIGHT_TAPS(ROW_OF_HIGH_FOUR) NEXT_UNIT                                                      \
    UNIT("chains_of_4") EIGHT_TAPS(ROW_OF_FOUR) EIGHT_TAPS(ROW_OF_FOUR) NEXT_UNIT                                  \
    UNIT("chains_of_3") SIX_TAPS SIX_TAPS NEXT_UNIT                                                                \
    UNIT("row_end") K_SKIP NEXT_UNIT                                                                               \
    UNIT("fold") K_FOLD_ROWS NEXT_UNIT                                                                             \
    PLACE("floats_end") K_FINISH_FLOATS "b 7f\n"                                                                    \
    PLACE("end") K_FINISH_BYTES "7:\n"
#define UNIT_INPUTS                                                                                                \
    [chain_of_4] "i"(K_CHAIN_OF_4), [chain_of_3] "i"(K_CHAIN_OF_3), [chains_of_2] "i"(K_CHAINS_OF_2),              \
        [chain_of_2] "i"(K_CHAIN_OF_2), [low_chain] "i"(K_LOW_CHAIN), [high_chain] "i"(K_HIGH_CHAIN),              \
        [chains_of_4] "i"(K_CHAINS_OF_4), [chains_of_3] "i"(K_CHAINS_OF_3),                                        \
        [row_end] "i"(K_ROW_END), [fold] "i"(K_FOLDS), [floats_end] "i"(K_FLOATS_END), [end] "i"(K_END)
#define MORE_WEIGHTS "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[w]], #64\n"
#define LOOP_CLOBBERS                                                                                              \
    "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "cc",    \
        "memory"

K_INLINE void panel_4x16(const k_s8_panels *p, const uint8_t *packed, const uint8_t *chains, const uint8_t *behind,
                         ptrdiff_t back, uint8_t *output) {
    const uint8_t *chain, *base;
    uintptr_t unit;
    K_PANEL_VARIABLES;
    __asm__ volatile("adr %[base], 4f\n" K_LOAD_FLAGS "20: mov %[chain], %[chains]\n" LOAD_NEXT
                     K_START_TILE UNITS K_NEXT_TILE
                     : K_PANEL_OPERANDS, [chain] "=&r"(chain), [unit] "=&r"(unit), [base] "=&r"(base)
                     : K_PANEL_INPUTS, UNIT_INPUTS, [chains] "r"(chains)
                     : K_PANEL_CLOBBERS);
}

// One pixel: a chain goes on over as many groups as pack() says.
#define ONE_ROW                                                                                                    \
    "0: ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[w]], #64\n"                                                       \
    "ldrb %w[four], [%[chain]], #1\n" TAKE("x0") MORE_WEIGHTS                                                      \
    "cbz %w[four], 1f\n"                                                                                           \
    PRODUCTS("smull", "8", "0", "1") PRODUCTS("smlal", "9", "2", "3")                                              \
    PRODUCTS("smlal", "10", "4", "5") PRODUCTS("smlal", "11", "6", "7")                                            \
    "cmp %w[four], %w[count]\n"                                                                                    \
    "csel %w[four], %w[four], %w[count], lo\n"                                                                     \
    "sub %w[count], %w[count], %w[four]\n"                                                                         \
    "subs %w[four], %w[four], #1\n"                                                                                \
    "add %[chain], %[chain], %x[four]\n"                                                                           \
    "b.eq 4f\n"                                                                                                    \
    "3: ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[w]], #64\n" TAKE("x0") MORE_WEIGHTS                               \
    "subs %w[four], %w[four], #1\n"                                                                                \
    PRODUCTS("smlal", "8", "0", "1") PRODUCTS("smlal", "9", "2", "3")                                              \
    PRODUCTS("smlal", "10", "4", "5") PRODUCTS("smlal", "11", "6", "7")                                            \
    "b.ne 3b\n"                                                                                                    \
    "4:\n" WIDEN("16", "17", "18", "19")                                                                           \
    "cbnz %w[count], 0b\n"                                                                                         \
    "b 2f\n"                                                                                                       \
    "1:\n" ROW_OF_TWO("", "16", "17", "18", "19")                                                                  \
    "subs %w[count], %w[count], #1\n"                                                                              \
    "b.ne 0b\n"                                                                                                    \
    "2:\n"

K_INLINE void multiply_1x16(int32x4_t *acc, const int8_t *x[], const int8_t **w, const uint8_t **chain,
                            int32_t count) {
    register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
    register int32x4_t a3 __asm__("v19") = acc[3];
    uint32_t four;
    __asm__(ONE_ROW
            : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), [x0] "+r"(x[0]), [w] "+r"(*w), [chain] "+r"(*chain),
              [count] "+r"(count), [four] "=&r"(four)
            :
            : LOOP_CLOBBERS);
    acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;
}

// Four rows of half a panel: accumulators v16–v23, weights v0–v3; two rows abreast.
#define PAIR(OP, W, X, Y)                                                                                          \
    OP " v12.8h, v" W ".8b, v" X ".8b\n" OP "2 v13.8h, v" W ".16b, v" X ".16b\n"                                   \
    OP " v14.8h, v" W ".8b, v" Y ".8b\n" OP "2 v15.8h, v" W ".16b, v" Y ".16b\n"
#define TAPS(X, Y)                                                                                                 \
    "ld4r {v4.8h, v5.8h, v6.8h, v7.8h}, [%[" X "]], #8\n ld4r {v8.8h, v9.8h, v10.8h, v11.8h}, [%[" Y "]], #8\n"
#define ROWS_OF_TWO(X, Y, A, B, C, D)                                                                              \
    TAPS(X, Y) PAIR("smull", "0", "4", "8") PAIR("smlal", "1", "5", "9") WIDEN(A, B, C, D)                         \
    PAIR("smull", "2", "6", "10") PAIR("smlal", "3", "7", "11") WIDEN(A, B, C, D)
#define ROWS_OF_FOUR(X, Y, A, B, C, D)                                                                             \
    TAPS(X, Y) PAIR("smull", "0", "4", "8") PAIR("smlal", "1", "5", "9")                                           \
    PAIR("smlal", "2", "6", "10") PAIR("smlal", "3", "7", "11") WIDEN(A, B, C, D)
#define HALVES(ROWS) ROWS("x0", "x1", "16", "17", "18", "19") ROWS("x2", "x3", "20", "21", "22", "23")

K_INLINE void multiply_4x8(int32x4_t *acc, const int8_t *x[], const int8_t **w, int32_t n, const uint8_t **chain,
                           int32_t count) {
    register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
    register int32x4_t a3 __asm__("v19") = acc[3], a4 __asm__("v20") = acc[4], a5 __asm__("v21") = acc[5];
    register int32x4_t a6 __asm__("v22") = acc[6], a7 __asm__("v23") = acc[7];
    uint32_t four;
    __asm__(LOOP_OF(HALVES(ROWS_OF_FOUR), HALVES(ROWS_OF_TWO))
            : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), "+w"(a4), "+w"(a5), "+w"(a6), "+w"(a7), [x0] "+r"(x[0]),
              [x1] "+r"(x[1]), [x2] "+r"(x[2]), [x3] "+r"(x[3]), [w] "+r"(*w), [chain] "+r"(*chain),
              [count] "+r"(count), [four] "=&r"(four)
            : [pair] "r"(2 * (ptrdiff_t)n)
            : LOOP_CLOBBERS);
    acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3, acc[4] = a4, acc[5] = a5, acc[6] = a6, acc[7] = a7;
}

/// One group of a single row of half a panel, in C, two products at a time.
K_INLINE void multiply_row(int32x4_t acc[2], const int8_t *x, const int8_t *w, ptrdiff_t n) {
    const int16x8x4_t x4 = vld4q_dup_s16((const int16_t *)x);
    for (int32_t k = 0; k < 4; k += 2) {
        const int8x16_t x0 = vreinterpretq_s8_s16(x4.val[k]), x1 = vreinterpretq_s8_s16(x4.val[k + 1]);
        const int8x16_t w0 = vld1q_s8(w + 2 * n * k), w1 = vld1q_s8(w + 2 * n * (k + 1));
        int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(w0), vget_low_s8(x0)), vget_low_s8(w1), vget_low_s8(x1));
        int16x8_t high = vmlal_high_s8(vmull_high_s8(w0, x0), w1, x1);
        acc[0] = vpadalq_s16(acc[0], low);
        acc[1] = vpadalq_s16(acc[1], high);
    }
}

K_INLINE void multiply(int32x4_t *acc, int32_t rows, int32_t lanes, const int8_t *x[], const int8_t **w, int32_t n,
                       const uint8_t **chain, int32_t count) {
    if (lanes == K_PANEL) {
        multiply_1x16(acc, x, w, chain, count);
        return;
    }
    if (rows == 4) {
        multiply_4x8(acc, x, w, n, chain, count);
        return;
    }
    for (; count > 0; count--, (*chain)++, *w += K_GROUP * n, x[0] += K_GROUP) multiply_row(acc, x[0], *w, n);
}

K_INLINE void start(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias, const int32_t *folds) {
    k_start_folded_rows(acc, rows, lanes, bias, folds);
}
K_INLINE void finish(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    (void)acc, (void)rows, (void)lanes, (void)bias;
}

#define TARGET
#define STEP 2
#include "s8_panels_walk_neon.h"

/// int8 convolution with NEON, 4 pixels by 16 channels.
void s8_gemm_4x16_neon(const void *block) {
    const k_s8_convolution *b = block;
    if (k_s8_is_gemv(b->weights))
        s8_gemv_16_neon(b);
    else
        run(b);
}

/// Hybrid convolution: the same walk, another end.
void hybrid_gemm_4x16_neon(const void *block) { run_hybrid(block); }
#endif
