#include "../requantise.h"
#include "k_elementwise.h"

#define UNARY(NAME, EXPRESSION)                          \
    void NAME(const void *block) {                       \
        const k_unary *p = block;                        \
        for (size_t i = 0; i < p->count; i++) {          \
            const float x = p->x[i];                     \
            p->y[i] = (EXPRESSION);                      \
        }                                                \
    }

static inline float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

// tanh x = sign(x) · (1 − t) / (1 + t) with t = e^(−2|x|). Near zero that loses digits, so there
// x − x³/3 + 2x⁵/15 stands in: its error is below 17/315 · x⁶ < 2^−25 relative for |x| < 0.1.
static inline float tanh_f32(float x) {
    const float magnitude = fabsf(x);
    if (magnitude < 0.1f) {
        const double square = (double)x * x;
        return (float)(x * (1.0 + square * (-1.0 / 3 + square * (2.0 / 15 - square * (17.0 / 315)))));
    }
    const float t = k_expf(-2 * magnitude);
    return copysignf((1 - t) / (1 + t), x);
}

UNARY(k_f32_relu, x < 0 ? 0 : x)
UNARY(k_f32_relu6, clamp(x, 0, 6))
UNARY(k_f32_leaky_relu, x < 0 ? x * p->slope : x)
UNARY(k_f32_hard_swish, x *clamp(x + 3, 0, 6) * (1.0f / 6))
UNARY(k_f32_logistic, 1 / (1 + k_expf(-x)))
UNARY(k_f32_tanh, tanh_f32(x))
