#include "c_training.h"
#include <math.h>

static inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }
static inline float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

// GELU by the error function (Hendrycks and Gimpel 2016).
static inline float gelu(float x) { return 0.5f * x * (1 + erff(x * 0.70710678f)); }
static inline float gelu_slope(float x) {
    return 0.5f * (1 + erff(x * 0.70710678f)) + x * 0.39894228f * expf(-0.5f * x * x);
}

#define EACH(EXPRESSION)                        \
    for (size_t i = 0; i < count; i++) {        \
        float v = x[i];                         \
        y[i] = (EXPRESSION);                    \
    }                                           \
    return

T_CLONES void t_activate(t_activation act, size_t count, const float *x, float *y) {
    switch (act) {
        case T_LINEAR: EACH(v);
        case T_RELU: EACH(v > 0 ? v : 0);
        case T_RELU6: EACH(clamp(v, 0, 6));
        case T_HARD_SWISH: EACH(v * clamp(v + 3, 0, 6) * (1 / 6.0f));
        case T_GELU: EACH(gelu(v));
        case T_SIGMOID: EACH(sigmoid(v));
        case T_TANH: EACH(tanhf(v));
        case T_SWISH: EACH(v * sigmoid(v));
    }
}

T_CLONES void t_clamp(t_activation act, size_t count, float *x) {
    if (act == T_RELU)
        for (size_t i = 0; i < count; i++) x[i] = x[i] > 0 ? x[i] : 0;
    else if (act == T_RELU6)
        for (size_t i = 0; i < count; i++) x[i] = clamp(x[i], 0, 6);
}

#define SLOPE(EXPRESSION)                       \
    for (size_t i = 0; i < count; i++) {        \
        float v = x[i], u = y[i];               \
        (void)v, (void)u;                       \
        slope[i] *= (EXPRESSION);               \
    }                                           \
    return

T_CLONES void t_activation_gradient(t_activation act, size_t count, const float *x, const float *y, float *slope) {
    switch (act) {
        case T_LINEAR: SLOPE(1);
        case T_RELU: SLOPE(u > 0 ? 1.0f : 0.0f);
        case T_RELU6: SLOPE(u > 0 && u < 6 ? 1.0f : 0.0f);
        case T_HARD_SWISH: SLOPE(v <= -3 ? 0.0f : v >= 3 ? 1.0f : (2 * v + 3) * (1 / 6.0f));
        case T_GELU: SLOPE(gelu_slope(v));
        case T_SIGMOID: SLOPE(u * (1 - u));
        case T_TANH: SLOPE(1 - u * u);
        case T_SWISH: SLOPE(sigmoid(v) * (1 + v * (1 - sigmoid(v))));
    }
}
