#include <string.h>

#include "../requantise.h"
#include "k_reduction.h"
#include "../small.h"

typedef int8_t s8_8 __attribute__((vector_size(8)));
typedef int32_t s32_8 __attribute__((vector_size(32)));
typedef float f32_8 __attribute__((vector_size(32)));

// Walks the output; eight neighbours that are kept, as channels are, are summed abreast, each in order.
#define MEAN(NAME, TYPE, TYPE_8, ACC, ACC_8, STORE)                                                      \
    static void NAME##_sums(const k_mean *p, int32_t dimension, const TYPE *x, int32_t lanes, ACC_8 *acc) {  \
        if (dimension < p->reduce_rank) {                                                                \
            const ptrdiff_t step = p->reduce_stride[dimension];                                          \
            int32_t n = p->reduce_count[dimension];                                                      \
            if (dimension + 1 < p->reduce_rank || lanes == 1) {                                          \
                for (; n > 0; n--, x += step) NAME##_sums(p, dimension + 1, x, lanes, acc);              \
                return;                                                                                  \
            }                                                                                            \
            ACC_8 sums = *acc;                                                                           \
            _Pragma("clang loop unroll(disable)")                                                        \
            for (; n > 0; n--, x += step) {                                                              \
                TYPE_8 v;                                                                                \
                memcpy(&v, x, sizeof v);                                                                 \
                sums += __builtin_convertvector(v, ACC_8);                                               \
            }                                                                                            \
            *acc = sums;                                                                                 \
            return;                                                                                      \
        }                                                                                                \
        for (int32_t l = 0; l < lanes; l++) (*acc)[l] += (ACC)x[l];                                      \
    }                                                                                                    \
    static __attribute__((noinline)) void NAME##_store(const k_mean *p, const TYPE *x, int32_t lanes, TYPE **y) { \
        ACC_8 sums = {0};                                                                                \
        NAME##_sums(p, 0, x, lanes, &sums);                                                              \
        _Pragma("clang loop unroll(disable)")                                                            \
        for (int32_t l = 0; l < lanes; l++) {                                                            \
            const ACC acc = sums[l];                                                                     \
            *(*y)++ = (STORE);                                                                           \
        }                                                                                                \
    }                                                                                                    \
    static void NAME##_walk(const k_mean *p, int32_t dimension, const TYPE *x, TYPE **y) {               \
        if (dimension == p->keep_rank) {                                                                 \
            NAME##_store(p, x, 1, y);                                                                    \
            return;                                                                                      \
        }                                                                                                \
        const ptrdiff_t step = p->keep_stride[dimension];                                                \
        int32_t n = p->keep_count[dimension];                                                            \
        if (dimension + 1 == p->keep_rank && step == 1)                                                  \
            for (; n >= 8; n -= 8, x += 8) NAME##_store(p, x, 8, y);                                     \
        for (; n > 0; n--, x += step) NAME##_walk(p, dimension + 1, x, y);                               \
    }                                                                                                    \
    void NAME(const void *block) {                                                                       \
        const k_mean *p = block;                                                                         \
        TYPE *y = p->output;                                                                             \
        NAME##_walk(p, 0, p->input, &y);                                                                 \
    }

MEAN(k_s8_mean, int8_t, s8_8, int32_t, s32_8,
     k_requantise(acc - p->elements * p->input_zero, p->scale, (float)(-128 - p->output_zero),
                  (float)(127 - p->output_zero), p->output_zero))

K_SMALL_BEGIN
MEAN(k_f32_mean, float, f32_8, float, f32_8, acc *p->scale)
K_SMALL_END
