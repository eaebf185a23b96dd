#if defined(__aarch64__)
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_panels_neon.h"

// As in s8_gemm_4x16_neon: pairs of taps that ld4r broadcasts, two products in int16, sadalp. The two halves take
// other registers, so that an A53 need not wait for a sum. Bounded by the 24 multiplications and widenings of the 27
// instructions for 128 products.
#define PRODUCTS(OP, PAIR, LOW, HIGH, A, B, C, D)                                                                 \
    OP " v" A ".8h, v" LOW ".8b, v" PAIR ".8b\n" OP "2 v" B ".8h, v" LOW ".16b, v" PAIR ".16b\n"                  \
    OP " v" C ".8h, v" HIGH ".8b, v" PAIR ".8b\n" OP "2 v" D ".8h, v" HIGH ".16b, v" PAIR ".16b\n"
#define WIDEN(A, B, C, D)                                                                                         \
    "sadalp v16.4s, v" A ".8h\n sadalp v17.4s, v" B ".8h\n sadalp v18.4s, v" C ".8h\n sadalp v19.4s, v" D ".8h\n"
#define TAKE                                                                                                      \
    "ld4r {v8.8h, v9.8h, v10.8h, v11.8h}, [%[x]], #8\n"                                                           \
    "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[w]], #64\n"                                                         \
    "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[w]], #64\n"
#define MULTIPLY(FIRST)                                                                                           \
    PRODUCTS(FIRST, "8", "0", "1", "12", "13", "14", "15")                                                        \
    PRODUCTS(FIRST, "10", "4", "5", "20", "21", "22", "23")                                                       \
    PRODUCTS("smlal", "9", "2", "3", "12", "13", "14", "15")                                                      \
    PRODUCTS("smlal", "11", "6", "7", "20", "21", "22", "23")
#define WIDEN_ALL WIDEN("12", "13", "14", "15") WIDEN("20", "21", "22", "23")
#define EIGHT_TAPS TAKE MULTIPLY("smull") WIDEN_ALL
// A run of groups is widened at its end: 21 instructions for 128 products then.
#define GROUPS                                                                                                    \
    "ldrb %w[run], [%[runs]], #1\n"                                                                               \
    "cbz %w[run], 8f\n"                                                                                           \
    "5: subs %w[run], %w[run], #1\n" TAKE MULTIPLY("smull")                                                       \
    "b.eq 7f\n"                                                                                                   \
    "6: subs %w[run], %w[run], #1\n" TAKE MULTIPLY("smlal")                                                       \
    "b.ne 6b\n"                                                                                                   \
    "7: ldrb %w[run], [%[runs]], #1\n" WIDEN_ALL                                                                  \
    "cbnz %w[run], 5b\n"                                                                                          \
    "b 3f\n"                                                                                                      \
    "8: subs %w[groups], %w[groups], #2\n"                                                                        \
    "b.lt 1f\n"                                                                                                   \
    "0:\n" EIGHT_TAPS EIGHT_TAPS                                                                                  \
    "subs %w[groups], %w[groups], #2\n"                                                                           \
    "b.ge 0b\n"
#define RUN_BYTES(GROUPS) (ptrdiff_t)k_gemv_run_bytes(GROUPS)

K_INLINE int32x4_t dot(int32x4_t acc, int8x16_t x, int8x16_t w) {
    return vpadalq_s16(acc, vmlal_high_s8(vmull_s8(vget_low_s8(x), vget_low_s8(w)), x, w));
}

#define TARGET
#include "s8_gemv_neon.h"

/// A matrix times a vector with NEON, 16 filters at a time.
void s8_gemv_16_neon(const void *block) { gemv(block); }
#endif
