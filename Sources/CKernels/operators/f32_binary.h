// Binary float operators on LANES floats at once, with broadcasting: one walk, and a run of the innermost
// dimension per operator.
#include "f32_functions.h"
#include "k_elementwise.h"

typedef void run(const float *a, ptrdiff_t a_step, const float *b, ptrdiff_t b_step, float *y, int32_t count, float low,
                 float high);

static void walk(const k_binary *p, run *inner, int32_t dimension, const float *a, const float *b, float **y) {
    int32_t count = p->count[dimension];
    const ptrdiff_t a_step = p->a_stride[dimension], b_step = p->b_stride[dimension];
    if (dimension + 1 < p->rank) {
        for (; count > 0; count--, a += a_step, b += b_step) walk(p, inner, dimension + 1, a, b, y);
        return;
    }
    inner(a, a_step, b, b_step, *y, count, p->float_min, p->float_max);
    *y += count;
}

/// `n` ≤ LANES operands from an innermost dimension that is dense or of one element.
INLINE F operands(const float *x, ptrdiff_t step, int32_t n) {
    F v = splat(*x);
    if (step) memcpy(&v, x, (size_t)n * sizeof *x);
    return v;
}

#define BINARY(OPERATOR, EXPRESSION)                                                                              \
    INLINE F OPERATOR##_lanes(F a, F b, float low, float high) { return clamp((EXPRESSION), low, high); }         \
    INLINE void OPERATOR##_walk(const float *a, ptrdiff_t a_step, const float *b, ptrdiff_t b_step, float *y,     \
                                int32_t n, float low, float high) {                                               \
        for (; n >= LANES; n -= LANES, a += LANES * a_step, b += LANES * b_step, y += LANES) {                    \
            const F v = OPERATOR##_lanes(operands(a, a_step, LANES), operands(b, b_step, LANES), low, high);      \
            memcpy(y, &v, LANES * sizeof *y);                                                                     \
        }                                                                                                         \
        if (LANES == 1 || n == 0) return;                                                                         \
        const F v = OPERATOR##_lanes(operands(a, a_step, n), operands(b, b_step, n), low, high);                  \
        memcpy(y, &v, (size_t)n * sizeof *y);                                                                     \
    }                                                                                                             \
    static void OPERATOR##_run(const float *a, ptrdiff_t a_step, const float *b, ptrdiff_t b_step, float *y,      \
                               int32_t n, float low, float high) {                                                \
        if (a_step && b_step) return OPERATOR##_walk(a, 1, b, 1, y, n, low, high);                                \
        OPERATOR##_walk(a, a_step, b, b_step, y, n, low, high);                                                   \
    }                                                                                                             \
    void NAME(k_f32_##OPERATOR)(const void *block) {                                                              \
        const k_binary *p = block;                                                                                \
        float *y = p->y;                                                                                          \
        walk(p, OPERATOR##_run, 0, p->a, p->b, &y);                                                               \
    }
