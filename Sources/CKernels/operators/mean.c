#include "../requantise.h"
#include "k_reduction.h"

#define MEAN(NAME, TYPE, ACC, TERM, STORE)                                                               \
    static ACC NAME##_sum(const k_mean *p, int32_t dimension, const TYPE *x, ACC acc) {                  \
        if (dimension == p->reduce_rank) return acc + (TERM);                                            \
        for (int32_t i = 0; i < p->reduce_count[dimension]; i++)                                         \
            acc = NAME##_sum(p, dimension + 1, x + i * p->reduce_stride[dimension], acc);                \
        return acc;                                                                                      \
    }                                                                                                    \
    static void NAME##_walk(const k_mean *p, int32_t dimension, const TYPE *x, TYPE **y) {               \
        if (dimension == p->keep_rank) {                                                                 \
            const ACC acc = NAME##_sum(p, 0, x, 0);                                                      \
            *(*y)++ = (STORE);                                                                           \
            return;                                                                                      \
        }                                                                                                \
        for (int32_t i = 0; i < p->keep_count[dimension]; i++)                                           \
            NAME##_walk(p, dimension + 1, x + i * p->keep_stride[dimension], y);                         \
    }                                                                                                    \
    void NAME(const void *block) {                                                                       \
        const k_mean *p = block;                                                                         \
        TYPE *y = p->output;                                                                             \
        NAME##_walk(p, 0, p->input, &y);                                                                 \
    }

MEAN(k_s8_mean, int8_t, int32_t, *x - p->input_zero,
     k_requantise(acc, p->scale, (float)(-128 - p->output_zero), (float)(127 - p->output_zero), p->output_zero))
MEAN(k_f32_mean, float, float, *x, acc *p->scale)
