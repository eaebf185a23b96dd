// Binary operators that only transformers have.
#include "k_elementary.h"
#include "../small.h"

#define LANES 1
#define NAME(x) x
K_SMALL_BEGIN
#include "f32_binary.h"

/// aᵇ as C's pow has it, rounded once from double.
static float power(float a, float b) {
    if (b == 0 || a == 1) return 1;
    if (a != a || b != b) return a + b;
    const int integral = truncf(b) == b, odd = integral && fabsf(b) < 0x1p24f && (int32_t)b & 1;
    if (a < 0 && !integral && a > -INFINITY) return NAN;
    const float size = fabsf(a);
    double y;
    if (size == 1) y = 1;
    else if (size == 0 || size == INFINITY) y = (size == 0) == (b < 0) ? (double)INFINITY : 0;
    else {
        const double exponent = (double)b * k_log_f64((double)size);
        y = exponent > 699 ? (double)INFINITY : exponent < -699 ? 0 : k_exp_f64(exponent);
    }
    return odd && signbit(a) ? (float)-y : (float)y;
}

BINARY(div, a / b)
BINARY(squared_difference, (a - b) * (a - b))
BINARY(pow, (F)power(a[0], b[0]))
K_SMALL_END
