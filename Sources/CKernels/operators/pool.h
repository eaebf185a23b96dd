// Pooling. Included after the definition of POOL_NAME(x), what a kernel x is called.
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
    void POOL_NAME(NAME)(const void *block) {                                                            \
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

/// Sums of up to 255 pixels fit int16.
static __attribute__((noinline)) void average_16(const k_pool *p, const int8_t *first, int32_t rows, int32_t columns, int32_t lanes,
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

K_SMALL_BEGIN

/// Of a window as wide as nobody's.
static void maximum_one_by_one(const k_pool *p) {
    const ptrdiff_t pixel = p->channels, row = pixel * p->input_width;
    const int8_t *input = p->input;
    int8_t *output = p->output;
    for (int32_t b = 0; b < p->batches; b++, input += p->input_height * row)
        for (int32_t oy = 0; oy < p->output_height; oy++)
            for (int32_t ox = 0; ox < p->output_width; ox++)
                for (int32_t c = 0; c < pixel; c++) {
                    const int32_t top = oy * p->stride_height - p->pad_top, left = ox * p->stride_width - p->pad_left;
                    int32_t most = p->output_min;
                    for (int32_t y = later(top, 0); y < earlier(top + p->kernel_height, p->input_height); y++)
                        for (int32_t x = later(left, 0); x < earlier(left + p->kernel_width, p->input_width); x++)
                            most = later(most, input[y * row + x * pixel + c]);
                    *output++ = (int8_t)earlier(most, p->output_max);
                }
}

K_SMALL_END

enum { LINE = 8192 }; // bytes of stack

/// The largest of `count` neighbours, `step` apart, from 1.
typedef int8_t s8_64 __attribute__((vector_size(64)));
#define LARGEST(N)                                                                                                      \
    static inline __attribute__((always_inline)) void largest_##N(const int8_t *x, ptrdiff_t step, int32_t count, s8_##N *out) { \
        s8_##N most, v;                                                                                                 \
        memcpy(&most, x, N);                                                                                            \
        _Pragma("clang loop unroll(disable)")                                                                           \
        for (; --count > 0; most = __builtin_elementwise_max(most, v)) memcpy(&v, x += step, N);                        \
        *out = most;                                                                                                    \
    }
LARGEST(16)
LARGEST(64)

/// Of `rows` neighbours, `step` apart, of each of `n` bytes. What is no multiple of 16 overlaps.
static __attribute__((noinline)) void largest_of_rows(const int8_t *x, ptrdiff_t step, int32_t rows, int32_t n, int8_t *line) {
    int32_t i = 0;
#pragma clang loop unroll(disable)
    for (; i + 64 <= n; i += 64) {
        s8_64 most;
        largest_64(x + i, step, rows, &most);
        memcpy(line + i, &most, sizeof most);
    }
#pragma clang loop unroll(disable)
    for (; n >= 16 && i < n; i += 16) {
        i = earlier(i, n - 16);
        s8_16 most;
        largest_16(x + i, step, rows, &most);
        memcpy(line + i, &most, sizeof most);
    }
#pragma clang loop unroll(disable) vectorize(disable)
    for (; i < n; i++) {
        line[i] = x[i];
        for (int32_t r = 1; r < rows; r++) line[i] = (int8_t)later(line[i], x[i + r * step]);
    }
}

/// The largest of `columns` pixels of a line, from 1. Of fewer than sixteen channels it writes sixteen bytes, but not beyond `end`.
static __attribute__((noinline)) void largest_of_columns(const k_pool *p, const int8_t *x, int32_t columns, int8_t *y, const int8_t *end) {
    const int32_t n = p->channels;
    int32_t c = 0;
#pragma clang loop unroll(disable)
    for (; c + 64 <= n; c += 64) {
        const s8_64 low = (s8_64){0} + (int8_t)p->output_min, high = (s8_64){0} + (int8_t)p->output_max;
        s8_64 v;
        largest_64(x + c, n, columns, &v);
        v = __builtin_elementwise_min(__builtin_elementwise_max(v, low), high);
        memcpy(y + c, &v, sizeof v);
    }
#pragma clang loop unroll(disable)
    for (; c < n; c += 16) {
        if (n >= 16) c = earlier(c, n - 16);
        s8_16 v;
        largest_16(x + c, n, columns, &v);
        v = clamp_16(p, v);
        if (end - y - c >= 16)
            memcpy(y + c, &v, sizeof v);
        else
            memcpy(y + c, &v, (size_t)(end - y - c));
    }
}

K_SMALL_BEGIN

/// Down first, a line of pixels at a time, then across: a pixel is loaded once a row of windows, not once a window.
void POOL_NAME(k_s8_max_pool)(const void *block) {
    const k_pool *p = block;
    const int32_t channels = p->channels, stride = p->stride_width, window = p->kernel_width;
    if ((int64_t)window * channels > LINE) return maximum_one_by_one(p);
    // So many outputs read a line.
    const int32_t most = (LINE / channels - window) / stride + 1;
    int8_t line[LINE + 16];
    const int8_t *input = p->input;
    int8_t *output = p->output, *const end = output + (ptrdiff_t)p->batches * p->output_height * p->output_width * channels;
    const ptrdiff_t row = (ptrdiff_t)p->input_width * channels;
    for (int32_t b = 0; b < p->batches; b++, input += p->input_height * row)
        for (int32_t oy = 0; oy < p->output_height; oy++) {
            const int32_t top = oy * p->stride_height - p->pad_top, y0 = later(top, 0);
            const int32_t rows = earlier(top + p->kernel_height, p->input_height) - y0;
            for (int32_t ox = 0; ox < p->output_width;) {
                const int32_t until = earlier(ox + most, p->output_width), first = later(ox * stride - p->pad_left, 0);
                const int32_t last = earlier((until - 1) * stride - p->pad_left + window, p->input_width);
                if (rows > 0 && last > first) largest_of_rows(input + y0 * row + first * channels, row, rows, (last - first) * channels, line);
#pragma clang loop unroll(disable)
                for (; ox < until; ox++, output += channels) {
                    const int32_t left = ox * stride - p->pad_left, x0 = later(left, 0), columns = earlier(left + window, p->input_width) - x0;
                    if (rows > 0 && columns > 0)
                        largest_of_columns(p, line + (x0 - first) * channels, columns, output, end);
                    else
                        memset(output, p->output_min, (size_t)channels);
                }
            }
        }
}

K_SMALL_END

/// a, and b where it is not `chosen`.
#define CHOOSE(chosen, a, b) (f32_16)(((s32_16)(a) & (chosen)) | ((s32_16)(b) & ~(chosen)))

// Sixteen channels: FOLD takes v into acc, SCALE what comes of it.
#define FLOATS_16(NAME, START, FOLD, SCALE)                                                                                      \
    static __attribute__((noinline)) void NAME(                                                                                  \
        const k_pool *p, const float *first, int32_t rows, int32_t columns, int32_t lanes, float *output) {                      \
        const ptrdiff_t pixel = p->channels, row = pixel * p->input_width;                                                       \
        f32_16 acc = (f32_16){0} + (START);                                                                                      \
        for (int32_t y = 0; y < rows; y++, first += row) {                                                                       \
            const float *at = first;                                                                                             \
            _Pragma("clang loop unroll(disable)")                                                                                \
            for (int32_t x = columns; x > 0; x--, at += pixel) {                                                                 \
                f32_16 v;                                                                                                        \
                memcpy(&v, at, sizeof v);                                                                                        \
                acc = (FOLD);                                                                                                    \
            }                                                                                                                    \
        }                                                                                                                        \
        acc *= (SCALE);                                                                                                          \
        const f32_16 low = (f32_16){0} + p->float_min, high = (f32_16){0} + p->float_max;                                        \
        const s32_16 is_low = acc < low;                                                                                         \
        acc = CHOOSE(acc > high, high, acc);                                                                                     \
        acc = CHOOSE(is_low, low, acc);                                                                                          \
        memcpy(output, &acc, sizeof acc);                                                                                        \
        (void)lanes;                                                                                                             \
    }
FLOATS_16(f32_maximum_16, -INFINITY, CHOOSE(v > acc, v, acc), 1.0f)
FLOATS_16(f32_average_16, 0.0f, acc + v, 1.0f / (float)later(rows * columns, 1))

K_SMALL_BEGIN
POOL(k_f32_average_pool, float, float, 0, acc + v,
     clamp_f32(acc * (1.0f / (float)later(taps, 1)), p->float_min, p->float_max), f32_average_16)
POOL(k_f32_max_pool, float, float, -INFINITY, v > acc ? v : acc, clamp_f32(acc, p->float_min, p->float_max), f32_maximum_16)
K_SMALL_END
