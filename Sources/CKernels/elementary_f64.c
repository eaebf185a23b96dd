#include "k_elementary.h"

#include <math.h>
#include <string.h>
#include "small.h"

K_SMALL_BEGIN

static const double pi = 3.14159265358979323846;
// ln 2 in two pieces: the first has 20 zero bits at its end, so e·ln2_high is exact.
static const double ln2_high = 0x1.62e42fefa0000p-1, ln2_low = 0x1.cf79abc9e3b39p-40;

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

double k_log_f64(double x) {
    if (x <= 0) return x == 0 ? -INFINITY : NAN;
    int exponent = 0;
    if (x < 0x1p-1022) { // subnormal: the exponent field says nothing
        x *= 0x1p54;
        exponent = -54;
    }
    uint64_t bits = bits_of(x);
    exponent += (int)(bits >> 52) - 1023;
    double m = double_of((bits & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        exponent++;
    }
    double s = (m - 1) / (m + 1), square = s * s, series = 0;
    for (int n = 23; n >= 3; n -= 2) series = (series + 1.0 / n) * square;
    return exponent * ln2_high + (2 * s + (2 * s * series + exponent * ln2_low));
}

double k_exp_f64(double x) {
    double n = floor(x * 1.44269504088896340736 + 0.5);
    double r = (x - n * ln2_high) - n * ln2_low, series = 1;
    for (int k = 14; k >= 1; k--) series = 1 + series * r / k;
    return series * double_of((uint64_t)(1023 + (int64_t)n) << 52);
}

// Taylor series for 0 ≤ angle ≤ π/4.
static double small_cos(double angle) {
    double square = angle * angle, series = 1;
    for (int k = 18; k >= 2; k -= 2) series = 1 - series * square / (k * (k - 1));
    return series;
}

static double small_sin(double angle) {
    double square = angle * angle, series = 1;
    for (int k = 19; k >= 3; k -= 2) series = 1 - series * square / (k * (k - 1));
    return angle * series;
}

double k_cos_turn_f64(int64_t turn, int64_t turns) {
    turn %= turns;
    if (turn < 0) turn = -turn;
    if (2 * turn > turns) turn = turns - turn; // even function: 0…½ turn
    int negative = 4 * turn > turns;           // cos(½ − t) = −cos t: 0…¼ turn
    int64_t numerator = negative ? turns - 2 * turn : 2 * turn; // in units of half a 1/turns
    double angle = pi * (double)numerator / (double)turns;
    double value = 4 * numerator <= turns ? small_cos(angle)
                                          : small_sin(pi * (double)(turns - 2 * numerator) / (double)(2 * turns));
    return negative ? -value : value;
}

double k_sin_turn_f64(int64_t turn, int64_t turns) {
    // sin t = cos(t − ¼ turn), over quarters so that it stays an integer.
    return k_cos_turn_f64(4 * (turn % turns) - turns, 4 * turns);
}

K_SMALL_END
