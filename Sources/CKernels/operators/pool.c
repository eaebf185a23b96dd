#include "requantize.h"
#include "k_reduction.h"

static inline int32_t later(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t earlier(int32_t a, int32_t b) { return a < b ? a : b; }
static inline float clamp_f32(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

// Walks the output; for each pixel and channel FOLD runs over the taps inside, then STORE.
#define POOL(NAME, TYPE, ACC, START, FOLD, STORE)                                                        \
    void NAME(const void *block) {                                                                       \
        const k_pool *p = block;                                                                         \
        const TYPE *input = p->input;                                                                    \
        TYPE *output = p->output;                                                                        \
        for (int32_t b = 0; b < p->batches; b++, input += (ptrdiff_t)p->input_height * p->input_width * p->channels) \
            for (int32_t oy = 0; oy < p->output_height; oy++)                                            \
                for (int32_t ox = 0; ox < p->output_width; ox++, output += p->channels) {                \
                    const int32_t top = oy * p->stride_height - p->pad_top, left = ox * p->stride_width - p->pad_left; \
                    const int32_t y0 = later(top, 0), y1 = earlier(top + p->kernel_height, p->input_height); \
                    const int32_t x0 = later(left, 0), x1 = earlier(left + p->kernel_width, p->input_width); \
                    const int32_t taps = later(y1 - y0, 0) * later(x1 - x0, 0);                          \
                    for (int32_t c = 0; c < p->channels; c++) {                                          \
                        ACC acc = (START);                                                               \
                        for (int32_t y = y0; y < y1; y++)                                                \
                            for (int32_t x = x0; x < x1; x++) {                                          \
                                const TYPE v = input[((ptrdiff_t)y * p->input_width + x) * p->channels + c]; \
                                FOLD;                                                                    \
                            }                                                                            \
                        output[c] = (STORE);                                                             \
                    }                                                                                    \
                    (void)taps; /* a maximum doesn't ask */                                                                          \
                }                                                                                        \
    }

/// sum / count, halves away from zero.
static inline int32_t divide(int32_t sum, int32_t count) { return (sum > 0 ? sum + count / 2 : sum - count / 2) / count; }

POOL(k_s8_average_pool, int8_t, int32_t, 0, acc += v,
     (int8_t)earlier(later(divide(acc, later(taps, 1)), p->output_min), p->output_max))
POOL(k_s8_max_pool, int8_t, int32_t, p->output_min, acc = later(acc, v), (int8_t)earlier(acc, p->output_max))
POOL(k_f32_average_pool, float, float, 0, acc += v,
     clamp_f32(acc * (1.0f / (float)later(taps, 1)), p->float_min, p->float_max))
POOL(k_f32_max_pool, float, float, -INFINITY, acc = v > acc ? v : acc, clamp_f32(acc, p->float_min, p->float_max))
