#if defined(__aarch64__)
#include "f32_clamp_neon.h"
#include "f32_gemm.h"
#include "kernels.h"

enum { FOUR = 4 };

/// Eight floats, and on to the next. By hand, because LLVM prefers an addition for each load.
#define TAKE(first, second, from)                                                                                  \
    __asm__("ldp %q0, %q1, [%2], #32" : "=w"(first), "=w"(second), "+r"(from) : "m"(*(const float(*)[8])(from)))

#define PUT(to, bytes, first, second) \
    __asm__ volatile("stp %q1, %q2, [%0, #%3]" ::"r"(to), "w"(first), "w"(second), "i"(bytes) : "memory")

// Eight taps by sixteen filters: a load for each tap, of which there is one under way.
#define LOAD(A, B, C, D) "ld1 {v" A ".4s, v" B ".4s, v" C ".4s, v" D ".4s}, [%[w]], #64\n"
#define EVEN LOAD("24", "25", "26", "27")
#define ODD LOAD("28", "29", "30", "31")
#define MULTIPLY(ACC, A, B, C, D, X)                                                                               \
    "fmla %[" ACC "0].4s, v" A ".4s, " X "\n fmla %[" ACC "1].4s, v" B ".4s, " X "\n"                              \
    "fmla %[" ACC "2].4s, v" C ".4s, " X "\n fmla %[" ACC "3].4s, v" D ".4s, " X "\n"
#define TWO_TAPS(ROWS, HALF, FIRST, SECOND, NEXT)                                                                  \
    ODD ROWS("24", "25", "26", "27", HALF, "[" FIRST "]") NEXT ROWS("28", "29", "30", "31", HALF, "[" SECOND "]")
#define EIGHT_TAPS(ROWS)                                                                                           \
    EVEN TWO_TAPS(ROWS, "0", "0", "1", EVEN) TWO_TAPS(ROWS, "0", "2", "3", EVEN)                                   \
        TWO_TAPS(ROWS, "1", "0", "1", EVEN) TWO_TAPS(ROWS, "1", "2", "3", "")
#define ONE_ROW(A, B, C, D, HALF, LANE) MULTIPLY("a", A, B, C, D, "%[x" HALF "].s" LANE)
#define FOUR_ROWS(A, B, C, D, HALF, LANE)                                                                          \
    MULTIPLY("a", A, B, C, D, "%[x" HALF "].s" LANE) MULTIPLY("b", A, B, C, D, "%[y" HALF "].s" LANE)              \
    MULTIPLY("c", A, B, C, D, "%[z" HALF "].s" LANE) MULTIPLY("d", A, B, C, D, "%[u" HALF "].s" LANE)
#define SUMS(ACC, R) [ACC##0] "+w"((R)[0]), [ACC##1] "+w"((R)[1]), [ACC##2] "+w"((R)[2]), [ACC##3] "+w"((R)[3])
#define TAPS(X, A) [X##0] "w"((A)[0]), [X##1] "w"((A)[1])
#define WEIGHTS "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "memory"

/// One panel of 4 · `vectors` filters by `pixels` pixels. Each takes its input as vectors of eight neighbouring
/// taps, of which FMLA picks one: eight taps of 4×16 are 20 loads of pairs and 128 FMLA.
static inline __attribute__((always_inline)) void tile(const k_f32_tile *t, int pixels, int vectors) {
    const ptrdiff_t n = vectors == 4 ? K_F32_PANEL : t->filters;
    const float *x[FOUR], *w = t->panel;
    float *y[FOUR];
    float32x4_t acc[FOUR][4];
    for (int v = 0; v < vectors; v++, w += 4) acc[0][v] = vld1q_f32(w);
    for (int r = 0; r < pixels; r++) {
        x[r] = t->inputs[r];
        y[r] = t->outputs[r];
        for (int v = 0; v < vectors; v++) acc[r][v] = acc[0][v];
    }
    w += t->first_tap * n;
    const uint32_t eights = (uint32_t)t->length / 8, ones = (uint32_t)t->length % 8, runs = (uint32_t)t->runs;
    const ptrdiff_t run_skip = t->run_skip, row_skip = t->row_skip;
    const ptrdiff_t run_taps = t->run_taps * n, row_taps = t->row_taps * n;
    for (uint32_t row = (uint32_t)t->rows; row != 0; row--) {
        for (uint32_t run = runs; run != 0; run--) {
            for (uint32_t k = eights; k != 0; k--) {
                float32x4_t a[FOUR][2];
                for (int r = 0; r < pixels; r++) TAKE(a[r][0], a[r][1], x[r]);
                if (pixels == 1 && vectors == 4) {
                    __asm__(EIGHT_TAPS(ONE_ROW) : SUMS(a, acc[0]), [w] "+r"(w) : TAPS(x, a[0]) : WEIGHTS);
                    continue;
                }
                if (vectors == 4) {
                    __asm__(EIGHT_TAPS(FOUR_ROWS)
                            : SUMS(a, acc[0]), SUMS(b, acc[1]), SUMS(c, acc[2]), SUMS(d, acc[3]), [w] "+r"(w)
                            : TAPS(x, a[0]), TAPS(y, a[1]), TAPS(z, a[2]), TAPS(u, a[3])
                            : WEIGHTS);
                    continue;
                }
#define TAP(half, lane)                                                                                           \
    for (int v = 0; v < vectors; v += 2) {                                                                        \
        float32x4_t b0, b1;                                                                                       \
        TAKE(b0, b1, w);                                                                                          \
        for (int r = 0; r < pixels; r++) acc[r][v] = vfmaq_laneq_f32(acc[r][v], b0, a[r][half], lane);            \
        for (int r = 0; r < pixels; r++) acc[r][v + 1] = vfmaq_laneq_f32(acc[r][v + 1], b1, a[r][half], lane);    \
    }                                                                                                             \
    if (vectors == 2) w += n - K_F32_HALF_PANEL;
                TAP(0, 0) TAP(0, 1) TAP(0, 2) TAP(0, 3) TAP(1, 0) TAP(1, 1) TAP(1, 2) TAP(1, 3)
            }
#pragma clang loop unroll(disable)
            for (uint32_t k = ones; k != 0; k--) {
                float32x4_t a[FOUR][1];
                for (int r = 0; r < pixels; r++) a[r][0] = vdupq_n_f32(*x[r]++);
                TAP(0, 0)
#undef TAP
            }
            if (run == 1) break;
            for (int r = 0; r < pixels; r++) x[r] += run_skip;
            w += run_taps;
        }
        if (row == 1) break;
        for (int r = 0; r < pixels; r++) x[r] += row_skip;
        w += row_taps;
    }
    if (t->floor) {
        const float32x4_t low = vdupq_n_f32(t->low);
        for (int r = 0; r < pixels; r++)
            for (int v = 0; v < vectors; v++) acc[r][v] = k_floor_neon(acc[r][v], low);
    }
    if (t->ceiling) {
        const float32x4_t high = vdupq_n_f32(t->high);
        for (int r = 0; r < pixels; r++)
            for (int v = 0; v < vectors; v++) acc[r][v] = k_ceiling_neon(acc[r][v], high);
    }
    for (int r = 0; r < pixels; r++) {
        if (vectors == 4 || t->filters == K_F32_HALF_PANEL) {
            PUT(y[r], 0, acc[r][0], acc[r][1]);
            if (vectors == 4) PUT(y[r], 32, acc[r][2], acc[r][3]);
        } else {
            float all[K_F32_HALF_PANEL];
            for (int v = 0; v < vectors; v++) vst1q_f32(all + 4 * v, acc[r][v]);
            for (int32_t i = 0; i < t->filters; i++) y[r][i] = all[i];
        }
    }
}

static __attribute__((noinline)) void half_of_four(const k_f32_tile *t) { tile(t, FOUR, 2); }
static __attribute__((noinline)) void half_of_one(const k_f32_tile *t) { tile(t, 1, 2); }

static void four(const k_f32_tile *t) {
    if (t->filters != K_F32_PANEL) return half_of_four(t);
    tile(t, FOUR, 4);
}
static void one(const k_f32_tile *t) {
    if (t->filters != K_F32_PANEL) return half_of_one(t);
    tile(t, 1, 4);
}

/// float32 convolution with NEON, 4 pixels by 16 filters: each lane in the reference's order.
void f32_gemm_4x16_neon(const void *block) {
    static const k_f32_tiling tiling = {four, one, FOUR, K_F32_PANEL, FOUR, NULL, 0};
    const uint64_t mode = k_quiet_nans_begin();
    k_f32_gemm(block, &tiling);
    k_quiet_nans_end(mode);
}
#endif
