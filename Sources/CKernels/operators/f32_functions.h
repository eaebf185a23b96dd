// Elementary functions on LANES floats at once, out of nothing but IEEE 754 single +, −, ×, ÷, √ in a fixed
// order: with one lane it is the reference, with eight a variant of it, and each lane has the same bits.
// Define LANES, then include it.
#ifndef CKERNELS_F32_FUNCTIONS_H
#define CKERNELS_F32_FUNCTIONS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float F __attribute__((ext_vector_type(LANES)));
typedef int32_t I __attribute__((ext_vector_type(LANES)));
#define INLINE static inline __attribute__((always_inline, unused))

INLINE F splat(float x) { return (F)x; }
INLINE F clamp(F x, float low, float high) { return x < low ? splat(low) : x > high ? splat(high) : x; }
INLINE F magnitude(F x) { return (F)((I)x & 0x7fffffff); }
INLINE F with_sign_of(F x, F sign) { return (F)(((I)x & 0x7fffffff) | ((I)sign & ~0x7fffffff)); }

// ln 2 in two pieces: the first has 9 zero bits at its end, so that its product with any exponent is exact.
#define LN2_HIGH 0x1.62e4p-1f
#define LN2_LOW 0x1.7f7d1cp-20f

#if LANES == 1
#define SHARED static __attribute__((noinline, unused)) // a reference is small
#else
#define SHARED INLINE
#endif

/// eˣ = 2ⁿ·eʳ with |r| ≤ ½ ln 2, within 2 units in the last place: eʳ = 1 + r + r²·P(r) with a minimax P,
/// which is 3·10⁻⁹ off. Subnormal and infinite results come of multiplying twice.
SHARED F exp_f(F x) {
    x = clamp(x, -104, 89);
    const F shifted = x * 0x1.715476p+0f + 0x1.8p23f, n = shifted - 0x1.8p23f;
    const F r = (x - n * LN2_HIGH) - n * LN2_LOW;
    const F p = (((0x1.6db426p-10f * r + 0x1.123b56p-7f) * r + 0x1.55545ep-5f) * r + 0x1.55548ep-3f) * r + 0.5f;
    const I exponent = (I)shifted - 0x4b400000, half = exponent >> 1;
    const F y = 1 + (r + r * r * p);
    return y * (F)((half + 127) << 23) * (F)((exponent - half + 127) << 23);
}

/// ln x within 3 units in the last place: x = m·2ᵉ with √½ ≤ m < √2, ln m = 2·artanh((m − 1)/(m + 1)) by its
/// Taylor series. −∞ for 0, NaN below.
INLINE F log_f(F x) {
    const I tiny = x < 0x1p-126f;
    const I bits = (I)(tiny ? x * 0x1p25f : x) - 0x3f3504f3;
    const F e = __builtin_convertvector((bits >> 23) - (tiny & 25), F);
    const F f = (F)((bits & 0x7fffff) + 0x3f3504f3) - 1, s = f / (2 + f), z = s * s;
    const F series = (((z * (2.0f / 9) + 2.0f / 7) * z + 2.0f / 5) * z + 2.0f / 3) * z;
    const F y = e * LN2_HIGH + (2 * s + (s * series + e * LN2_LOW));
    return x > 0 && x < INFINITY ? y : x == 0 ? splat(-INFINITY) : x < 0 ? splat(NAN) : x;
}

INLINE F sigmoid_f(F x) { return 1 / (1 + exp_f(-x)); }

/// tanh x: x + x³·P(x²) with a minimax P below 0.625, sign(x)·(1 − t)/(1 + t) with t = e^(−2|x|) above.
SHARED F tanh_f(F x) {
    const F a = magnitude(x), z = x * x, t = exp_f(-2 * a);
    const F p = (((-0x1.76abf6p-8f * z + 0x1.5256cep-6f) * z - 0x1.b84448p-5f) * z + 0x1.110768p-3f) * z - 0x1.555534p-2f;
    return a < 0.625f ? x + x * z * p : with_sign_of((1 - t) / (1 + t), x);
}

/// The normal distribution's Φ(x) = ½ erfc(−x/√2), 8·10⁻⁸ off at most (Abramowitz and Stegun, 7.1.26).
INLINE F normal_f(F x) {
    const F a = magnitude(x) * 0x1.6a09e6p-1f, t = 1 / (1 + 0.3275911f * a);
    const F p = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
    const F tail = 0.5f * p * exp_f(-a * a);
    return x < 0 ? tail : 1 - tail;
}

/// GELU: x·Φ(x), and its approximation ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
INLINE F gelu_f(F x) { return x * normal_f(x); }
INLINE F gelu_tanh_f(F x) {
    return 0.5f * x * (1 + tanh_f(0.7978845608f * (x + 0.044715f * (x * x * x))));
}

#endif
