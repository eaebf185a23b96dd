#include <string.h>

#include "../requantise.h"
#include "k_reduction.h"
#include "../small.h"

static inline int32_t later(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t earlier(int32_t a, int32_t b) { return a < b ? a : b; }
static inline float clamp_f32(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

// Walks the output; for each pixel, FOLD runs over the taps inside, channels abreast, then STORE:
// sixteen channels at a time, by SIXTEEN (of NAME_window compilers make vectors), and what is left one by one.
#define POOL(NAME, TYPE, ACC, START, FOLD, STORE, SIXTEEN)                                                       \
    static inline __attribute__((always_inline)) void NAME##_window(                                     \
        const k_pool *p, const TYPE *restrict first, int32_t rows, int32_t columns, int32_t lanes,       \
        TYPE *restrict output) {                                                                         \
        const ptrdiff_t pixel = p->channels, row = pixel * p->input_width;                               \
        const int32_t taps = rows * columns;                                                             \
        ACC sums[16];                                                                                    \
        for (int32_t i = 0; i < lanes; i++) sums[i] = (START);                                           \
        for (int32_t y = 0; y < rows; y++) {                                                             \
            const TYPE *at = first + y * row;                                                            \
            for (int32_t x = 0; x < columns; x++, at += pixel)                                           \
                for (int32_t i = 0; i < lanes; i++) {                                                    \
                    const ACC acc = sums[i];                                                             \
                    const TYPE v = at[i];                                                                \
                    sums[i] = (FOLD);                                                                    \
                }                                                                                        \
        }                                                                                                \
        for (int32_t i = 0; i < lanes; i++) {                                                            \
            const ACC acc = sums[i];                                                                     \
            output[i] = (STORE);                                                                         \
        }                                                                                                \
        (void)taps; /* a maximum doesn't ask */                                                          \
    }                                                                                                    \
    void NAME(const void *block) {                                                                       \
        const k_pool *p = block;                                                                         \
        const TYPE *input = p->input;                                                                    \
        const TYPE *end = input + (ptrdiff_t)p->batches * p->input_height * p->input_width * p->channels;  \
        TYPE *output = p->output;                                                                        \
        for (int32_t b = 0; b < p->batches; b++, input += (ptrdiff_t)p->input_height * p->input_width * p->channels) \
            for (int32_t oy = 0; oy < p->output_height; oy++)                                            \
                for (int32_t ox = 0; ox < p->output_width; ox++, output += p->channels) {                \
                    const int32_t top = oy * p->stride_height - p->pad_top, left = ox * p->stride_width - p->pad_left; \
                    const int32_t y0 = later(top, 0), x0 = later(left, 0);                               \
                    const int32_t rows = later(earlier(top + p->kernel_height, p->input_height) - y0, 0); \
                    const int32_t columns = later(earlier(left + p->kernel_width, p->input_width) - x0, 0); \
                    const TYPE *first = input + ((ptrdiff_t)y0 * p->input_width + x0) * p->channels;     \
                    int32_t c = 0;                                                                       \
                    /* fewer than sixteen are read with what follows, where something does */               \
                    if (p->channels < 16 && rows > 0 && columns > 0 && end - first >= ((ptrdiff_t)(rows - 1) * p->input_width + columns - 1) * p->channels + 16) { \
                        TYPE some[16];                                                                   \
                        SIXTEEN(p, first, rows, columns, 16, some);                                      \
                        memcpy(output, some, (size_t)p->channels * sizeof *some);                         \
                        continue;                                                                        \
                    }                                                                                    \
                    /* the last sixteen may overlap those before: the same once more */                   \
                    for (; c < p->channels && p->channels >= 16; c += 16) {                              \
                        c = earlier(c, p->channels - 16);                                                \
                        SIXTEEN(p, first + c, rows, columns, 16, output + c);                            \
                    }                                                                                    \
                    for (; c < p->channels; c++) NAME##_window(p, first + c, rows, columns, 1, output + c); \
                }                                                                                        \
    }

/// sum / count, halves away from zero.
static inline int32_t divide(int32_t sum, int32_t count) { return (sum > 0 ? sum + count / 2 : sum - count / 2) / count; }

typedef int8_t s8_16 __attribute__((vector_size(16)));
typedef int16_t s16_16 __attribute__((vector_size(32)));
typedef int32_t s32_16 __attribute__((vector_size(64)));
typedef float f32_16 __attribute__((vector_size(64)));

static inline s8_16 clamp_16(const k_pool *p, s8_16 y) {
    const s8_16 low = (s8_16){0} + (int8_t)p->output_min, high = (s8_16){0} + (int8_t)p->output_max;
    return __builtin_elementwise_min(__builtin_elementwise_max(y, low), high);
}

static inline void maximum_16(const k_pool *p, const int8_t *first, int32_t rows, int32_t columns, int32_t lanes, int8_t *output) {
    const ptrdiff_t pixel = p->channels, row = pixel * p->input_width;
    s8_16 most = (s8_16){0} + (int8_t)-128;
    for (; rows > 0; rows--, first += row) {
        const int8_t *at = first;
        _Pragma("clang loop unroll(disable)")
        for (int32_t x = columns; x > 0; x--, at += pixel) {
            s8_16 v;
            memcpy(&v, at, sizeof v);
            most = __builtin_elementwise_max(v, most);
        }
    }
    const s8_16 bytes = clamp_16(p, most);
    memcpy(output, &bytes, sizeof bytes);
    (void)lanes;
}

/// Sums of up to 255 pixels fit int16.
static inline void average_16(const k_pool *p, const int8_t *first, int32_t rows, int32_t columns, int32_t lanes,
                              int8_t *output) {
    const ptrdiff_t pixel = p->channels, row = pixel * p->input_width;
    s32_16 sums = {0};
    // Whole rows are one long one.
    if (columns == p->input_width) {
        columns *= rows;
        rows = rows > 0;
    }
    for (int32_t y = 0; y < rows; y++) {
        const int8_t *at = first + y * row;
        for (int32_t x = 0; x < columns;) {
            s16_16 some = {0};
            _Pragma("clang loop unroll(disable)")
            for (const int32_t end = earlier(x + 255, columns); x < end; x++, at += pixel) {
                s8_16 v;
                memcpy(&v, at, sizeof v);
                some += __builtin_convertvector(v, s16_16);
            }
            sums += __builtin_convertvector(some, s32_16);
        }
    }
    const int32_t count = later(rows * columns, 1);
    const s32_16 negative = sums >> 31, halves = ((count / 2) ^ negative) - negative;
    s32_16 quotients;
    // As divide(): a quotient that is no integer does not become one as a float of 24 bits, where its numerator has no more.
    if (count < 1 << 16)
        quotients = __builtin_convertvector(__builtin_convertvector(sums + halves, f32_16) / (float)count, s32_16);
    else
        _Pragma("clang loop unroll(disable) vectorize(disable)")
        for (int32_t i = 0; i < 16; i++) quotients[i] = (sums[i] + halves[i]) / count;
    const s8_16 bytes = clamp_16(p, __builtin_convertvector(quotients, s8_16));
    memcpy(output, &bytes, sizeof bytes);
    (void)lanes;
}

POOL(k_s8_average_pool, int8_t, int32_t, 0, acc + v,
     (int8_t)earlier(later(divide(acc, later(taps, 1)), p->output_min), p->output_max), average_16)
POOL(k_s8_max_pool, int8_t, int32_t, p->output_min, later(acc, v), (int8_t)earlier(acc, p->output_max),
     maximum_16)

static inline void f32_average_16(const k_pool *p, const float *first, int32_t rows, int32_t columns, int32_t lanes, float *output) {
    const ptrdiff_t pixel = p->channels, row = pixel * p->input_width;
    f32_16 sums = {0};
    for (int32_t y = 0; y < rows; y++, first += row) {
        const float *at = first;
        _Pragma("clang loop unroll(disable)")
        for (int32_t x = columns; x > 0; x--, at += pixel) {
            f32_16 v;
            memcpy(&v, at, sizeof v);
            sums += v;
        }
    }
    sums *= 1.0f / (float)later(rows * columns, 1);
    for (int32_t i = 0; i < 16; i++) sums[i] = clamp_f32(sums[i], p->float_min, p->float_max);
    memcpy(output, &sums, sizeof sums);
    (void)lanes;
}

K_SMALL_BEGIN
POOL(k_f32_average_pool, float, float, 0, acc + v,
     clamp_f32(acc * (1.0f / (float)later(taps, 1)), p->float_min, p->float_max), f32_average_16)
POOL(k_f32_max_pool, float, float, -INFINITY, v > acc ? v : acc, clamp_f32(acc, p->float_min, p->float_max),
     k_f32_max_pool_window)
K_SMALL_END
