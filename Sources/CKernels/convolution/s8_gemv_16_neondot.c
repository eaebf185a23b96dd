#if defined(__aarch64__)
#include "kernels.h"
#include "s8_gemv.h"
#include "s8_panels_neon.h"

#define TARGET __attribute__((target("dotprod")))

// Four taps of sixteen filters by a lane of taps, as in s8_gemm_4x16_neondot. 16 sdot and 5 loads for 256 products.
#define FOUR_TAPS(LANE, W0, W1, W2, W3)                                                                           \
    "ld1 {v" W0 ".16b, v" W1 ".16b, v" W2 ".16b, v" W3 ".16b}, [%[w]], #64\n"                                     \
    "sdot v16.4s, v" W0 ".16b, v8.4b[" LANE "]\n sdot v17.4s, v" W1 ".16b, v8.4b[" LANE "]\n"                     \
    "sdot v18.4s, v" W2 ".16b, v8.4b[" LANE "]\n sdot v19.4s, v" W3 ".16b, v8.4b[" LANE "]\n"
#define TAPS(FIRST, SECOND) FOUR_TAPS(FIRST, "0", "1", "2", "3") FOUR_TAPS(SECOND, "4", "5", "6", "7")
#define SIXTEEN_TAPS "ldr q8, [%[x]], #16\n" TAPS("0", "1") TAPS("2", "3")
#define EIGHT_TAPS "ldr d8, [%[x]], #8\n" TAPS("0", "1")

TARGET K_INLINE int32x4_t dot(int32x4_t acc, int8x16_t x, int8x16_t w) { return vdotq_s32(acc, x, w); }

#include "s8_gemv_neon.h"

/// A matrix times a vector with NEON's dot products, 16 filters at a time.
TARGET void s8_gemv_16_neondot(const void *block) { gemv(block); }
#endif
