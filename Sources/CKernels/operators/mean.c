#include <float.h>
#include <string.h>

#include "../requantise.h"
#include "k_reduction.h"
#include "../small.h"

typedef int8_t s8_8 __attribute__((vector_size(8)));
typedef int32_t s32_8 __attribute__((vector_size(32)));
typedef float f32_16 __attribute__((vector_size(64)));

// Walks the output; neighbours that are kept, as channels are, are summed `LANES` abreast, each in order.
#define MEAN(NAME, LANES, TYPE, TYPES, ACC, ACCS, STORE)                                                  \
    static void NAME##_sums(const k_mean *p, int32_t dimension, const TYPE *x, int32_t lanes, ACCS *acc) {  \
        if (dimension < p->reduce_rank) {                                                                \
            const ptrdiff_t step = p->reduce_stride[dimension];                                          \
            int32_t n = p->reduce_count[dimension];                                                      \
            if (dimension + 1 < p->reduce_rank) {                                                        \
                for (; n > 0; n--, x += step) NAME##_sums(p, dimension + 1, x, lanes, acc);              \
                return;                                                                                  \
            }                                                                                            \
            if (lanes == 1) {                                                                            \
                ACC sum = (*acc)[0];                                                                     \
                _Pragma("clang loop unroll(disable)")                                                    \
                for (; n > 0; n--, x += step) sum += (ACC)*x;                                            \
                (*acc)[0] = sum;                                                                         \
                return;                                                                                  \
            }                                                                                            \
            ACCS sums = *acc;                                                                            \
            _Pragma("clang loop unroll(disable)")                                                        \
            for (; n > 0; n--, x += step) {                                                              \
                TYPES v;                                                                                 \
                memcpy(&v, x, sizeof v);                                                                 \
                sums += __builtin_convertvector(v, ACCS);                                                \
            }                                                                                            \
            *acc = sums;                                                                                 \
            return;                                                                                      \
        }                                                                                                \
        for (int32_t l = 0; l < lanes; l++) (*acc)[l] += (ACC)x[l];                                      \
    }                                                                                                    \
    static __attribute__((noinline)) void NAME##_store(const k_mean *p, const TYPE *x, int32_t lanes, TYPE **y) { \
        ACCS sums = {0};                                                                                 \
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
        if (dimension + 1 == p->keep_rank && step == 1 && n >= LANES) {                                  \
            for (; n >= LANES; n -= LANES, x += LANES) NAME##_store(p, x, LANES, y);                     \
            /* The last ones overlap with those before: the same bits once more. */                      \
            *y -= n ? LANES - n : 0;                                                                     \
            if (n) NAME##_store(p, x - (LANES - n), LANES, y);                                           \
            return;                                                                                      \
        }                                                                                                \
        for (; n > 0; n--, x += step) NAME##_walk(p, dimension + 1, x, y);                               \
    }                                                                                                    \
    void NAME(const void *block) {                                                                       \
        const k_mean *p = block;                                                                         \
        TYPE *y = p->output;                                                                             \
        NAME##_walk(p, 0, p->input, &y);                                                                 \
    }

K_SMALL_BEGIN
MEAN(mean_of_any, 8, int8_t, s8_8, int32_t, s32_8,
     k_requantise(acc - p->elements * p->input_zero, p->scale, (float)(-128 - p->output_zero),
                  (float)(127 - p->output_zero), p->output_zero))
K_SMALL_END

#if defined(__aarch64__)
#include "s8_mean_neon.h"
#else
// Channels abreast, `N` of them: so many int8 that their sum fits int16 are added before it is widened.
#define ABREAST(N)                                                                                          \
    typedef int8_t bytes_##N __attribute__((vector_size(N)));                                               \
    typedef int16_t words_##N __attribute__((vector_size(2 * N)));                                          \
    typedef int32_t sums_##N __attribute__((vector_size(4 * N)));                                           \
    typedef float floats_##N __attribute__((vector_size(4 * N)));                                           \
    static void sum_##N(const k_mean *p, const int8_t *x, sums_##N *sums) {                                 \
        *sums = (sums_##N){0} - p->elements * p->input_zero;                                                \
        for (int32_t n = p->elements; n > 0;) {                                                             \
            words_##N few = {0};                                                                            \
            int32_t m = n < 255 ? n : 255;                                                                  \
            n -= m;                                                                                         \
            _Pragma("clang loop unroll(disable)")                                                           \
            for (; m > 0; m--, x += p->reduce_stride[0]) {                                                  \
                bytes_##N v;                                                                                \
                memcpy(&v, x, sizeof v);                                                                    \
                few += __builtin_convertvector(v, words_##N);                                               \
            }                                                                                               \
            *sums += __builtin_convertvector(few, sums_##N);                                                \
        }                                                                                                   \
    }                                                                                                       \
    /* k_requantise without lrintf: 1.5 · 2²³ more, a float has no digits after the point. */               \
    static void mean_of_##N(const k_mean *p, const int8_t *x, int8_t *y) {                                  \
        sums_##N sums;                                                                                      \
        sum_##N(p, x, &sums);                                                                               \
        floats_##N v = __builtin_convertvector(sums, floats_##N) * p->scale;                                \
        const floats_##N low = (floats_##N){0} + (float)(-128 - p->output_zero);                            \
        const floats_##N high = (floats_##N){0} + (float)(127 - p->output_zero);                            \
        sums_##N inside = v > low;                                                                          \
        v = (floats_##N)(((sums_##N)v & inside) | ((sums_##N)low & ~inside));                               \
        inside = v < high;                                                                                  \
        v = (floats_##N)(((sums_##N)v & inside) | ((sums_##N)high & ~inside));                              \
        const sums_##N rounded = (sums_##N)(v + 0x1.8p23f) - 0x4b400000 + p->output_zero;                   \
        const bytes_##N bytes = __builtin_convertvector(rounded, bytes_##N);                                \
        memcpy(y, &bytes, sizeof bytes);                                                                    \
    }
ABREAST(16)
ABREAST(8)

/// Means of n channels, sixteen or eight at a time: of n < 16 the last eight are `apart` from the first.
static inline void means(const k_mean *p, const int8_t *x, int32_t n, ptrdiff_t apart, int8_t *y) {
    if (n < 16) {
        mean_of_8(p, x, y);
        mean_of_8(p, x + apart, y + apart);
    } else {
        // The last ones overlap with those before: the same bits once more.
        for (int32_t c = 0; c < n - 16; c += 16) mean_of_16(p, x + c, y + c);
        mean_of_16(p, x + n - 16, y + n - 16);
    }
}
#endif

static void means_of_channels(const k_mean *p, int32_t dimension, const int8_t *x, int8_t **y) {
    int32_t n = p->keep_count[dimension];
    if (dimension + 1 < p->keep_rank) {
        for (; n > 0; n--, x += p->keep_stride[dimension]) means_of_channels(p, dimension + 1, x, y);
        return;
    }
    if (n >= 16)
        means(p, x, n, 8, *y);
    else
        means(p, x, n, n - 8, *y);
    *y += n;
}

void k_s8_mean(const void *block) {
    const k_mean *p = block;
    const int32_t last = p->keep_rank - 1;
    int8_t *y = p->output;
    // A sum times what is no number could not be narrowed.
    if (p->reduce_rank == 1 && last >= 0 && p->keep_stride[last] == 1 && p->keep_count[last] >= 8 && p->scale <= FLT_MAX)
        means_of_channels(p, 0, p->input, &y);
    else
        mean_of_any(block);
}

K_SMALL_BEGIN
// Sixteen: one sum waits for the one before, and four vectors for nothing.
MEAN(k_f32_mean, 16, float, f32_16, float, f32_16, acc *p->scale)
K_SMALL_END
