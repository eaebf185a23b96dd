// Unary float operators on LANES floats at once; NAME(x) gives each its name.
#include "f32_functions.h"
#include "k_elementwise.h"

INLINE void apply(const k_unary *p, F (*f)(F x, float parameter)) {
    const float *x = p->x;
    float *y = p->y;
    size_t n = p->count;
    const float parameter = p->slope; // which no store can change
    for (; n >= LANES; n -= LANES, x += LANES, y += LANES) {
        F v;
        memcpy(&v, x, LANES * sizeof(float));
        v = f(v, parameter);
        memcpy(y, &v, LANES * sizeof(float));
    }
#if LANES > 1
    if (n == 0) return;
    F v = {0};
    memcpy(&v, x, n * sizeof(float));
    v = f(v, parameter);
    memcpy(y, &v, n * sizeof(float));
#endif
}

#define UNARY(OPERATOR, EXPRESSION)                                   \
    INLINE F OPERATOR##_lanes(F x, float slope) { return (void)slope, (EXPRESSION); } \
    void NAME(k_f32_##OPERATOR)(const void *block) { apply(block, OPERATOR##_lanes); }

UNARY(relu, x < 0 ? splat(0) : x)
UNARY(relu6, clamp(x, 0, 6))
UNARY(leaky_relu, x < 0 ? x * slope : x)
UNARY(hard_swish, x *clamp(x + 3, 0, 6) * (1.0f / 6))
UNARY(logistic, sigmoid_f(x))
UNARY(tanh, tanh_f(x))

// Transformers'.
UNARY(exp, exp_f(x))
UNARY(log, log_f(x))
UNARY(sqrt, __builtin_elementwise_sqrt(x))
UNARY(rsqrt, 1 / __builtin_elementwise_sqrt(x))
UNARY(square, x *x)
UNARY(cube, x *x *x)
UNARY(abs, magnitude(x))
UNARY(neg, -x)
UNARY(gelu, gelu_f(x))
UNARY(gelu_tanh, gelu_tanh_f(x))
