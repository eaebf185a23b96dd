// What the NEON micro-kernels over panels share: requantising a panel's row.
#ifndef CKERNELS_S8_PANELS_NEON_H
#define CKERNELS_S8_PANELS_NEON_H

#include <arm_neon.h>

#include "f32_clamp_neon.h"
#include "s8_panels.h"

#define K_INLINE static inline __attribute__((always_inline))

// A whole panel of 16 filters by 4 pixels, written by hand: a compiler spills some of its sixteen accumulators
// (v16–v31, a row after the other), and moves them in and out of whatever part it does not write itself.
//   packed, scale, behind   the panel's biases, scales, and what stands behind its weights
//   count, segment          K_LOAD_FLAGS: what is asked about the output at the end
//   w, x0…x3, count, segment, t0, t1   what a kernel's loop, K_SEGMENTS's parameter, may use: from label 3 on it adds
//   `count` groups
// All tiles of a run meet one panel before the next: what they have in common stays in registers, and x0…x3, `back` after
// what a tile read, are the next one's.
#define K_EACH_ROW(OP) OP("16", "17", "18", "19") OP("20", "21", "22", "23") OP("24", "25", "26", "27") OP("28", "29", "30", "31")
#define K_TILE "20: ldp %w[segment], %w[count], [%[p], %[segments]]\n"
#define K_NEXT_TILE                                                                                                    \
    "add %[x0], %[x0], %[back]\n add %[x1], %[x1], %[back]\n add %[x2], %[x2], %[back]\n add %[x3], %[x3], %[back]\n"    \
    "subs %w[tiles], %w[tiles], #1\n"                                                                                  \
    "b.ne 20b\n"
#define K_LOAD_BIAS(A, B, C, D) "ld1 {v" A ".4s, v" B ".4s, v" C ".4s, v" D ".4s}, [%[packed]]\n"
// A hybrid layer: what stands for the biases is Σw, to be multiplied by what each row's taps are from zero.
#define K_UNLESS_HYBRID(LABEL) "cbz %[hybrid], " LABEL "f\n"
#define K_FOLD(A, B, C, D, FOLD)                                                                                       \
    "mul v" A ".4s, v" A ".4s, " FOLD "\n mul v" B ".4s, v" B ".4s, " FOLD "\n"                                        \
    "mul v" C ".4s, v" C ".4s, " FOLD "\n mul v" D ".4s, v" D ".4s, " FOLD "\n"
#define K_FOLD_ROWS                                                                                                    \
    "ldr q0, [%[hybrid]]\n"                                                                                            \
    K_FOLD("16", "17", "18", "19", "v0.s[0]") K_FOLD("20", "21", "22", "23", "v0.s[1]")                                \
    K_FOLD("24", "25", "26", "27", "v0.s[2]") K_FOLD("28", "29", "30", "31", "v0.s[3]")
#define K_START_TILE K_EACH_ROW(K_LOAD_BIAS) "add %[w], %[packed], #128\n"
#define K_SKIP                                                                                                         \
    "ldp %[t0], %[t1], [%[p], %[skips]]\n"                                                                             \
    "add %[x0], %[x0], %[t0]\n add %[x1], %[x1], %[t1]\n"                                                              \
    "ldp %[t0], %[t1], [%[p], %[skips] + 16]\n"                                                                        \
    "add %[x2], %[x2], %[t0]\n add %[x3], %[x3], %[t1]\n"
#define K_SEGMENTS(LOOP)                                                                                               \
    "3:\n" LOOP "subs %w[segment], %w[segment], #1\n"                                                                  \
    "b.eq 9f\n" K_SKIP                                                                                                 \
    "ldr %w[count], [%[p], %[later]]\n"                                                                                \
    "b 3b\n"                                                                                                           \
    "9:\n"
#define K_CONVERT(A, B, C, D)                                                                                          \
    "scvtf v" A ".4s, v" A ".4s\n scvtf v" B ".4s, v" B ".4s\n scvtf v" C ".4s, v" C ".4s\n scvtf v" D ".4s, v" D ".4s\n"
#define K_MULTIPLY(A, B, C, D, S, T, U, V)                                                                             \
    "fmul v" A ".4s, v" A ".4s, v" S ".4s\n fmul v" B ".4s, v" B ".4s, v" T ".4s\n"                                    \
    "fmul v" C ".4s, v" C ".4s, v" U ".4s\n fmul v" D ".4s, v" D ".4s, v" V ".4s\n"
#define K_SCALE(A, B, C, D) K_MULTIPLY(A, B, C, D, "0", "1", "2", "3")
// To int16, which pack() proved enough, also with the zero point; sixteen in A and C, then in A. See k_s8_round.
#define K_ROUND_BY(ROUND, A, B, C, D)                                                                                  \
    "fadd v" A ".4s, v" A ".4s, v" ROUND ".4s\n fadd v" B ".4s, v" B ".4s, v" ROUND ".4s\n"                            \
    "fadd v" C ".4s, v" C ".4s, v" ROUND ".4s\n fadd v" D ".4s, v" D ".4s, v" ROUND ".4s\n"
#define K_ROUND(A, B, C, D) K_ROUND_BY("11", A, B, C, D)
#define K_NARROW(A, B, C, D)                                                                                           \
    "uzp1 v" A ".8h, v" A ".8h, v" B ".8h\n uzp1 v" C ".8h, v" C ".8h, v" D ".8h\n"
#define K_ADD_ZERO(A, B, C, D) "add v" A ".8h, v" A ".8h, v8.8h\n add v" C ".8h, v" C ".8h, v8.8h\n"
#define K_SATURATE(A, B, C, D) "sqxtn v" A ".8b, v" A ".8h\n sqxtn2 v" A ".16b, v" C ".8h\n"
#define K_CLAMP(A, B, C, D) "smax v" A ".16b, v" A ".16b, v9.16b\n smin v" A ".16b, v" A ".16b, v10.16b\n"
#define K_STORE(A, B, C, D) "st1 {v" A ".16b}, [%[output]], %[stride]\n"
#define K_LOAD_FLAGS "ldp %w[count], %w[segment], [%[flags]]\n"
#define K_LOAD_CLAMPS "ld1 {v8.16b, v9.16b, v10.16b, v11.16b}, [%[clamps]]\n"
#define K_ADD_ZEROS "cbnz %w[segment], 8f\n" K_EACH_ROW(K_ADD_ZERO) "8:\n"
// After saturation bounds are seldom left to apply.
#define K_STORE_ROWS                                                                                                   \
    "cbnz %w[count], 8f\n" K_EACH_ROW(K_CLAMP) "8:\n" K_EACH_ROW(K_STORE)
// A hybrid layer's rows as floats, clamped as f32_clamp_neon.h does: a NaN is the one NaN by then.
#define K_LOAD_FLOATS                                                                                                  \
    "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[scale]]\n"                                                                   \
    "ldr q8, [%[hybrid], #16]\n add %[t0], %[hybrid], #32\n ld2r {v9.4s, v10.4s}, [%[t0]]\n"
// E, F, G, H are where a row of A, B, C, D goes: registers of a row that is done. RESULTS(OP): OP of all four.
#define K_FLOATS(A, B, C, D, R, E, F, G, H)                                                                            \
    K_CONVERT(A, B, C, D) "ld1 {v" E ".4s, v" F ".4s, v" G ".4s, v" H ".4s}, [%[behind]]\n"                            \
    "fmul v" A ".4s, v" A ".4s, v8.s[" R "]\n fmul v" B ".4s, v" B ".4s, v8.s[" R "]\n"                                \
    "fmul v" C ".4s, v" C ".4s, v8.s[" R "]\n fmul v" D ".4s, v" D ".4s, v8.s[" R "]\n"                                \
    "fmla v" E ".4s, v" A ".4s, v0.4s\n fmla v" F ".4s, v" B ".4s, v1.4s\n"                                            \
    "fmla v" G ".4s, v" C ".4s, v2.4s\n fmla v" H ".4s, v" D ".4s, v3.4s\n"
#define K_FLOOR(M, A) "fcmgt v" M ".4s, v9.4s, v" A ".4s\n bit v" A ".16b, v9.16b, v" M ".16b\n"
#define K_FLOOR_ROW(A, B, C, D) K_FLOOR("28", A) K_FLOOR("29", B) K_FLOOR("30", C) K_FLOOR("31", D)
#define K_CEILING(A) "fmin v" A ".4s, v" A ".4s, v10.4s\n"
#define K_CEILING_ROW(A, B, C, D) K_CEILING(A) K_CEILING(B) K_CEILING(C) K_CEILING(D)
#define K_STORE_FLOATS(A, B, C, D) "st1 {v" A ".4s, v" B ".4s, v" C ".4s, v" D ".4s}, [%[output]], %[stride]\n"
#define K_FINISH_RESULTS(RESULTS)                                                                                      \
    "cbz %w[count], 8f\n" RESULTS(K_FLOOR_ROW) "8:\n cbz %w[segment], 8f\n" RESULTS(K_CEILING_ROW) "8:\n"              \
    RESULTS(K_STORE_FLOATS)
#define K_RESULTS(OP) OP("4", "5", "6", "7") OP("16", "17", "18", "19") OP("20", "21", "22", "23") OP("24", "25", "26", "27")
#define K_FINISH_FLOATS                                                                                                \
    K_LOAD_FLOATS K_FLOATS("16", "17", "18", "19", "0", "4", "5", "6", "7")                                            \
    K_FLOATS("20", "21", "22", "23", "1", "16", "17", "18", "19")                                                      \
    K_FLOATS("24", "25", "26", "27", "2", "20", "21", "22", "23")                                                      \
    K_FLOATS("28", "29", "30", "31", "3", "24", "25", "26", "27") K_FINISH_RESULTS(K_RESULTS)
#define K_FINISH_BYTES                                                                                                 \
    "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[scale]]\n" K_LOAD_CLAMPS                                                     \
    K_EACH_ROW(K_CONVERT) K_EACH_ROW(K_SCALE) K_EACH_ROW(K_ROUND) K_EACH_ROW(K_NARROW) K_ADD_ZEROS                     \
    K_EACH_ROW(K_SATURATE) K_STORE_ROWS
#define K_PANEL_OPERANDS                                                                                               \
    [w] "=&r"(w), [output] "+r"(output), [x0] "+r"(x0), [x1] "+r"(x1), [x2] "+r"(x2), [x3] "+r"(x3),                   \
        [count] "=&r"(count), [segment] "=&r"(segment), [tiles] "+r"(tiles), [t0] "=&r"(t0), [t1] "=&r"(t1)
#define K_PANEL_INPUTS                                                                                                 \
    [p] "r"(p), [stride] "r"(p->output_stride), [packed] "r"(packed), [scale] "r"(packed + K_PANEL * sizeof(int32_t)),  \
        [behind] "r"(behind), [back] "r"(back), [hybrid] "r"(p->hybrid),                                               \
        [segments] "i"(offsetof(k_s8_panels, segments)), [later] "i"(offsetof(k_s8_panels, later_groups)),             \
        [skips] "i"(offsetof(k_s8_panels, skips)), [clamps] "r"(p->zeros),                                             \
        [flags] "r"(p->hybrid ? &p->hybrid->floor : &p->unclamped)
#define K_PANEL_CLOBBERS                                                                                               \
    "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",       \
        "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", \
        "memory"
#define K_PANEL_VARIABLES                                                                                              \
    const int8_t *x0 = p->rows[0], *x1 = p->rows[1], *x2 = p->rows[2], *x3 = p->rows[3], *w;                           \
    ptrdiff_t t0, t1;                                                                                                  \
    int32_t count, segment, tiles = p->tiles

/// Four scaled accumulators as int16 each, which pack() proved they fit.
K_INLINE int16x8_t k_scale_neon(int32x4_t a, int32x4_t b, const float *scale) {
    int32x4_t y0 = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(a), vld1q_f32(scale)));
    int32x4_t y1 = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(b), vld1q_f32(scale + 4)));
    return vuzp1q_s16(vreinterpretq_s16_s32(y0), vreinterpretq_s16_s32(y1));
}

K_INLINE void k_store_panel_neon(const int32x4_t acc[4], const float *scale, int16x8_t zero, int8x16_t low,
                                 int8x16_t high, int8_t *output) {
    int16x8_t first = vaddq_s16(k_scale_neon(acc[0], acc[1], scale), zero);
    int16x8_t second = vaddq_s16(k_scale_neon(acc[2], acc[3], scale + 8), zero);
    int8x16_t y = vqmovn_high_s16(vqmovn_s16(first), second);
    vst1q_s8(output, vminq_s8(vmaxq_s8(y, low), high));
}

/// The first n of eight bytes, n < 8.
static __attribute__((noinline)) void k_store_few(uint64_t bytes, int8_t *output, int32_t n) {
    if (n & 4) memcpy(output, &bytes, 4), output += 4, bytes >>= 32;
    if (n & 2) memcpy(output, &bytes, 2), output += 2, bytes >>= 16;
    if (n & 1) *output = (int8_t)bytes;
}

/// The same for a panel of n ≤ 8.
K_INLINE void k_store_half_panel_neon(const int32x4_t acc[2], const float *scale, int16x8_t zero, int8x16_t low,
                                      int8x16_t high, int8_t *output, int32_t n) {
    int8x8_t y = vqmovn_s16(vaddq_s16(k_scale_neon(acc[0], acc[1], scale), zero));
    y = vmin_s8(vmax_s8(y, vget_low_s8(low)), vget_low_s8(high));
    if (n == K_HALF_PANEL)
        vst1_s8(output, y);
    else
        k_store_few(vget_lane_u64(vreinterpret_u64_s8(y), 0), output, n);
}

/// The accumulators of `rows` pixels and `lanes` filters, of which n are, as floats; between k_quiet_nans_begin and
/// its end.
void k_hybrid_store_neon(const k_s8_panels *, const int32x4_t *acc, int32_t rows, int32_t lanes, const float *scale,
                         const float *bias, int32_t c, int32_t n);

/// The accumulators of a row side by side, from the biases, or (hybrid) from Σw times what is folded.
K_INLINE void k_start_folded_rows(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias,
                                  const int32_t *folds) {
    for (int32_t h = 0; h < lanes / 4; h++) {
        const int32x4_t four = vld1q_s32(bias + 4 * h);
        for (int32_t r = 0; r < rows; r++) acc[lanes / 4 * r + h] = folds ? vmulq_n_s32(four, folds[r]) : four;
    }
}
K_INLINE void k_start_rows(int32x4_t *acc, int32_t rows, int32_t lanes, const int32_t *bias) {
    k_start_folded_rows(acc, rows, lanes, bias, NULL);
}

#endif
