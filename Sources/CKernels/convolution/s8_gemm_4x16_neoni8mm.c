#if defined(__aarch64__)
#include "hybrid.h"
#include "kernels.h"
#include "s8_panels_neon.h"

#define TARGET __attribute__((target("dotprod,i8mm")))

// Eight taps of two filters are a vector, and so are eight taps of two pixels, which zip1 and zip2 make of
// sixteen of each: smmla makes the four sums. 64 smmla of 86 instructions for 2048 products bound the loop.
// Accumulators v16–v23 (pixels 0 and 1), v24–v31 (2 and 3), weights v0–v7, taps v8–v15.
#define WEIGHTS(A, B, C, D) "ld1 {v" A ".16b, v" B ".16b, v" C ".16b, v" D ".16b}, [%[w]], #64\n"
#define MULTIPLY(X, Y, W, A, B)                                                                                    \
    "smmla v" A ".4s, v" X ".16b, v" W ".16b\n smmla v" B ".4s, v" Y ".16b, v" W ".16b\n"
#define EIGHT(X, Y)                                                                                                \
    WEIGHTS("0", "1", "2", "3") WEIGHTS("4", "5", "6", "7")                                                        \
    MULTIPLY(X, Y, "0", "16", "24") MULTIPLY(X, Y, "1", "17", "25")                                                \
    MULTIPLY(X, Y, "2", "18", "26") MULTIPLY(X, Y, "3", "19", "27")                                                \
    MULTIPLY(X, Y, "4", "20", "28") MULTIPLY(X, Y, "5", "21", "29")                                                \
    MULTIPLY(X, Y, "6", "22", "30") MULTIPLY(X, Y, "7", "23", "31")
#define ZIP(A, B, X, Y) "zip1 v" A ".2d, v" X ".2d, v" Y ".2d\n zip2 v" B ".2d, v" X ".2d, v" Y ".2d\n"
#define TAKE_32(A, B, C, D, X, Y)                                                                                  \
    "ldp q0, q1, [%[" X "]], #32\n ldp q2, q3, [%[" Y "]], #32\n" ZIP(A, B, "0", "2") ZIP(C, D, "1", "3")
#define TAKE_16(A, B, X, Y) "ldr q0, [%[" X "]], #16\n ldr q2, [%[" Y "]], #16\n" ZIP(A, B, "0", "2")
// 32 taps at a time, and what is left by 16 and by 8.
#define LOOP                                                                                                       \
    "subs %w[count], %w[count], #4\n"                                                                              \
    "b.lt 1f\n"                                                                                                    \
    "0:\n" TAKE_32("8", "9", "10", "11", "x0", "x1") TAKE_32("12", "13", "14", "15", "x2", "x3")                   \
    EIGHT("8", "12") EIGHT("9", "13") EIGHT("10", "14") EIGHT("11", "15")                                          \
    "subs %w[count], %w[count], #4\n"                                                                              \
    "b.ge 0b\n"                                                                                                    \
    "1: tbz %w[count], #1, 2f\n" TAKE_16("8", "9", "x0", "x1") TAKE_16("12", "13", "x2", "x3")                     \
    EIGHT("8", "12") EIGHT("9", "13")                                                                              \
    "2: tbz %w[count], #0, 4f\n"                                                                                   \
    "ldr d8, [%[x0]], #8\n ldr d12, [%[x2]], #8\n"                                                                 \
    "ld1 {v8.d}[1], [%[x1]], #8\n ld1 {v12.d}[1], [%[x3]], #8\n" EIGHT("8", "12")                                  \
    "4:\n"

// A vector holds two filters of two pixels: scales are loaded to match, and the pixels part as bytes.
#define SCALE_LOW(A, B, C, D) K_MULTIPLY(A, B, C, D, "0", "1", "2", "3")
#define SCALE_HIGH(A, B, C, D) K_MULTIPLY(A, B, C, D, "4", "5", "6", "7")
#define LOAD_PAIRS(A, B, C, D) "ld4r {v" A ".2d, v" B ".2d, v" C ".2d, v" D ".2d}, [%[w]], #32\n"
#define PART_PAIR(OUT, A, B) "trn1 v" OUT ".2d, v" A ".2d, v" B ".2d\n trn2 v" B ".2d, v" A ".2d, v" B ".2d\n"
#define PART(W, X, Y, Z, A, B, C, D, E, F, G, H)                                                                   \
    PART_PAIR(W, A, B) PART_PAIR(X, C, D) PART_PAIR(Y, E, F) PART_PAIR(Z, G, H)
#define RESULTS(OP) OP("4", "5", "6", "7") OP("12", "13", "14", "15") OP("20", "21", "22", "23") OP("16", "17", "18", "19")
#define CLAMP(A) K_CLAMP(A, , , )
#define STORE(A) K_STORE(A, , , )

TARGET K_INLINE void panel_4x16(const k_s8_panels *p, const uint8_t *packed, const uint8_t *chains,
                                const uint8_t *behind, ptrdiff_t back, uint8_t *output) {
    (void)chains;
    K_PANEL_VARIABLES;
    __asm__ volatile(
        K_TILE
        "mov %[w], %[packed]\n"
        LOAD_PAIRS("16", "17", "18", "19") LOAD_PAIRS("20", "21", "22", "23")
        "mov %[w], %[packed]\n"
        LOAD_PAIRS("24", "25", "26", "27") LOAD_PAIRS("28", "29", "30", "31")
        K_UNLESS_HYBRID("5")
        "ldr q1, [%[hybrid]]\n zip1 v0.4s, v1.4s, v1.4s\n zip2 v1.4s, v1.4s, v1.4s\n"
        K_FOLD("16", "17", "18", "19", "v0.4s") K_FOLD("20", "21", "22", "23", "v0.4s")
        K_FOLD("24", "25", "26", "27", "v1.4s") K_FOLD("28", "29", "30", "31", "v1.4s") "5:\n"
        "add %[w], %[w], #64\n"
        K_SEGMENTS(LOOP) K_LOAD_FLAGS
        K_UNLESS_HYBRID("6") K_LOAD_FLOATS
        PART("12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23")
        K_FLOATS("12", "13", "14", "15", "0", "4", "5", "6", "7")
        K_FLOATS("17", "19", "21", "23", "1", "12", "13", "14", "15")
        PART("16", "17", "18", "19", "24", "25", "26", "27", "28", "29", "30", "31")
        K_FLOATS("16", "17", "18", "19", "2", "20", "21", "22", "23")
        K_FLOATS("25", "27", "29", "31", "3", "16", "17", "18", "19") K_FINISH_RESULTS(RESULTS)
        "b 7f\n"
        "6: mov %[w], %[scale]\n" LOAD_PAIRS("0", "1", "2", "3") LOAD_PAIRS("4", "5", "6", "7") K_LOAD_CLAMPS
        K_EACH_ROW(K_CONVERT)
        SCALE_LOW("16", "17", "18", "19") SCALE_HIGH("20", "21", "22", "23")
        SCALE_LOW("24", "25", "26", "27") SCALE_HIGH("28", "29", "30", "31")
        K_EACH_ROW(K_ROUND) K_EACH_ROW(K_NARROW) K_ADD_ZEROS K_EACH_ROW(K_SATURATE)
        "uzp2 v0.8h, v16.8h, v20.8h\n uzp1 v16.8h, v16.8h, v20.8h\n"
        "uzp2 v1.8h, v24.8h, v28.8h\n uzp1 v24.8h, v24.8h, v28.8h\n"
        "cbnz %w[count], 8f\n" CLAMP("16") CLAMP("0") CLAMP("24") CLAMP("1") "8:\n"
        STORE("16") STORE("0") STORE("24") STORE("1") "7:\n" K_NEXT_TILE
        : K_PANEL_OPERANDS
        : K_PANEL_INPUTS
        : K_PANEL_CLOBBERS);
}

/// Half a panel. acc[lanes / 2 · (r / 2) + j]: pixels r and r + 1, filters 2j and 2j + 1.
TARGET K_INLINE void multiply(int32x4_t *acc, int32_t rows, int32_t lanes, const int8_t *x[], const int8_t **w,
                              int32_t n, const uint8_t **chain, int32_t count) {
    (void)chain;
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

K_INLINE void start(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias, const int32_t *folds) {
    (void)rows;
    int32x4_t fold[2];
    if (folds)
        for (int32_t p = 0; p < 2; p++) fold[p] = vcombine_s32(vdup_n_s32(folds[2 * p]), vdup_n_s32(folds[2 * p + 1]));
    for (int32_t j = 0; j < lanes / 2; j++) {
        const int32x4_t twice = vreinterpretq_s32_s64(vld1q_dup_s64((const int64_t *)(bias + 2 * j)));
        for (int32_t p = 0; p < 2; p++) acc[lanes / 2 * p + j] = folds ? vmulq_s32(twice, fold[p]) : twice;
    }
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

/// Hybrid convolution: the same walk, another end.
void hybrid_gemm_4x16_neoni8mm(const void *block) {
    const k_hybrid_convolution *b = block;
    if (k_hybrid_run_pixels(&b->shape) < K_TILE_PIXELS)
        hybrid_gemm_4x16_neondot(b);
    else
        run_hybrid(b);
}
#endif
