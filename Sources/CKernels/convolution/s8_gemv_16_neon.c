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
#define EIGHT_TAPS                                                                                                \
    "ld4r {v8.8h, v9.8h, v10.8h, v11.8h}, [%[x]], #8\n"                                                           \
    "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [%[w]], #64\n"                                                         \
    "ld1 {v4.16b, v5.16b, v6.16b, v7.16b}, [%[w]], #64\n"                                                         \
    PRODUCTS("smull", "8", "0", "1", "12", "13", "14", "15")                                                      \
    PRODUCTS("smull", "10", "4", "5", "20", "21", "22", "23")                                                     \
    PRODUCTS("smlal", "9", "2", "3", "12", "13", "14", "15")                                                      \
    PRODUCTS("smlal", "11", "6", "7", "20", "21", "22", "23")                                                     \
    WIDEN("12", "13", "14", "15") WIDEN("20", "21", "22", "23")
#define SIXTEEN_TAPS EIGHT_TAPS EIGHT_TAPS

K_INLINE int32x4_t dot(int32x4_t acc, int8x16_t x, int8x16_t w) {
    return vpadalq_s16(acc, vmlal_high_s8(vmull_s8(vget_low_s8(x), vget_low_s8(w)), x, w));
}

#define TARGET
#include "s8_gemv_neon.h"

/// A matrix times a vector with NEON, 16 filters at a time.
void s8_gemv_16_neon(const void *block) { gemv(block); }
#endif
