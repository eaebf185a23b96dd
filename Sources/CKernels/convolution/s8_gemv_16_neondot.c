#if defined(__aarch64__)
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_panels_neon.h"

#define TARGET __attribute__((target("dotprod")))

// Four taps of sixteen filters by a lane of taps, as in s8_gemm_4x16_neondot. 32 sdot and 9 loads for 512 products.
#define FOUR_TAPS(X, LANE, W0, W1, W2, W3)                                                                        \
    "ld1 {v" W0 ".16b, v" W1 ".16b, v" W2 ".16b, v" W3 ".16b}, [%[w]], #64\n"                                     \
    "sdot v16.4s, v" W0 ".16b, v" X ".4b[" LANE "]\n sdot v17.4s, v" W1 ".16b, v" X ".4b[" LANE "]\n"             \
    "sdot v18.4s, v" W2 ".16b, v" X ".4b[" LANE "]\n sdot v19.4s, v" W3 ".16b, v" X ".4b[" LANE "]\n"
#define TAPS(X, FIRST, SECOND) FOUR_TAPS(X, FIRST, "0", "1", "2", "3") FOUR_TAPS(X, SECOND, "4", "5", "6", "7")
#define SIXTEEN(X) TAPS(X, "0", "1") TAPS(X, "2", "3")
#define EIGHT_TAPS "ldr d8, [%[x]], #8\n" TAPS("8", "0", "1")
#define GROUPS                                                                                                    \
    "subs %w[groups], %w[groups], #4\n"                                                                           \
    "b.lt 5f\n"                                                                                                   \
    "0: ldp q8, q9, [%[x]], #32\n" SIXTEEN("8") SIXTEEN("9")                                                      \
    "subs %w[groups], %w[groups], #4\n"                                                                           \
    "b.ge 0b\n"                                                                                                   \
    "5: tbz %w[groups], #1, 1f\n"                                                                                 \
    "ldr q8, [%[x]], #16\n" SIXTEEN("8")
#define RUN_BYTES(GROUPS) 0

TARGET K_INLINE int32x4_t dot(int32x4_t acc, int8x16_t x, int8x16_t w) { return vdotq_s32(acc, x, w); }

#include "s8_gemv_neon.h"

/// A matrix times a vector with NEON's dot products, 16 filters at a time.
TARGET void s8_gemv_16_neondot(const void *block) { gemv(block); }
#endif
