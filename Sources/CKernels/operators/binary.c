// Binary operators with broadcasting. The innermost dimension runs in a loop without branches on the
// operator; the dimensions around it are walked by recursion.
#include <string.h>

#include "k_elementwise.h"
#include "requantize.h"
#include "../small.h"

#define BINARY(NAME, TYPE, EXPRESSION)                                                                     \
    static void NAME##_walk(const k_binary *p, int32_t dimension, const TYPE *a, const TYPE *b, TYPE **y) { \
        if (dimension + 1 < p->rank) {                                                                     \
            for (int32_t i = 0; i < p->count[dimension]; i++)                                              \
                NAME##_walk(p, dimension + 1, a + i * p->a_stride[dimension], b + i * p->b_stride[dimension], y); \
            return;                                                                                        \
        }                                                                                                  \
        const ptrdiff_t a_step = p->a_stride[dimension], b_step = p->b_stride[dimension];                  \
        TYPE *out = *y;                                                                                    \
        for (int32_t i = 0; i < p->count[dimension]; i++, a += a_step, b += b_step) out[i] = (EXPRESSION);  \
        *y = out + p->count[dimension];                                                                    \
    }                                                                                                      \
    void NAME(const void *block) {                                                                         \
        const k_binary *p = block;                                                                         \
        TYPE *y = p->y;                                                                                    \
        NAME##_walk(p, 0, p->a, p->b, &y);                                                                 \
    }

static inline int32_t clamp_s32(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }
static inline float clamp_f32(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

static inline int8_t s8_add(const k_binary *p, int32_t a, int32_t b) {
    int32_t sum = p->bias + a * p->a_multiplier + b * p->b_multiplier;
    return (int8_t)clamp_s32((sum >> p->shift) + p->output_zero, p->output_min, p->output_max);
}

/// Two dense runs, sixteen at a time from a copy of the block, which nothing can change: so compilers
/// make vectors of it.
static void s8_add_dense(const k_binary *block, const int8_t *a, const int8_t *b, int8_t *y, int32_t count) {
    const k_binary p = {.bias = block->bias, .a_multiplier = block->a_multiplier, .b_multiplier = block->b_multiplier,
                        .shift = block->shift, .output_zero = block->output_zero, .output_min = block->output_min,
                        .output_max = block->output_max};
    int32_t i = 0;
    for (; i + 16 <= count; i += 16) {
        int8_t sums[16]; // y may be a or b
        for (int32_t l = 0; l < 16; l++) sums[l] = s8_add(&p, a[i + l], b[i + l]);
        memcpy(y + i, sums, sizeof sums);
    }
    for (; i < count; i++) y[i] = s8_add(&p, a[i], b[i]);
}

static void s8_add_walk(const k_binary *p, int32_t dimension, const int8_t *a, const int8_t *b, int8_t **y) {
    const int32_t count = p->count[dimension];
    const ptrdiff_t a_step = p->a_stride[dimension], b_step = p->b_stride[dimension];
    if (dimension + 1 < p->rank) {
        for (int32_t i = 0; i < count; i++) s8_add_walk(p, dimension + 1, a + i * a_step, b + i * b_step, y);
        return;
    }
    if (a_step == 1 && b_step == 1)
        s8_add_dense(p, a, b, *y, count);
    else
        for (int32_t i = 0; i < count; i++, a += a_step, b += b_step) (*y)[i] = s8_add(p, *a, *b);
    *y += count;
}

void k_s8_add(const void *block) {
    const k_binary *p = block;
    int8_t *y = p->y;
    s8_add_walk(p, 0, p->a, p->b, &y);
}

static inline int8_t s8_mul(const k_binary *p, int32_t a, int32_t b) {
    return (int8_t)requantize((a - p->a_zero) * (b - p->b_zero), p->scale, p->output_zero, p->output_min, p->output_max);
}

BINARY(k_s8_mul, int8_t, s8_mul(p, *a, *b))
BINARY(k_f32_add, float, clamp_f32(*a + *b, p->float_min, p->float_max))
BINARY(k_f32_sub, float, clamp_f32(*a - *b, p->float_min, p->float_max))
BINARY(k_f32_mul, float, clamp_f32(*a * *b, p->float_min, p->float_max))

K_SMALL_BEGIN
BINARY(k_s8_min, int8_t, *a < *b ? *a : *b)
BINARY(k_s8_max, int8_t, *a > *b ? *a : *b)
BINARY(k_f32_min, float, *a < *b ? *a : *b)
BINARY(k_f32_max, float, *a > *b ? *a : *b)
BINARY(k_s32_add, int32_t, (int32_t)((uint32_t)*a + (uint32_t)*b))
BINARY(k_s32_sub, int32_t, (int32_t)((uint32_t)*a - (uint32_t)*b))
BINARY(k_s32_mul, int32_t, (int32_t)((uint32_t)*a * (uint32_t)*b))
BINARY(k_s32_min, int32_t, *a < *b ? *a : *b)
BINARY(k_s32_max, int32_t, *a > *b ? *a : *b)
K_SMALL_END
