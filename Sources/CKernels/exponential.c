#include <string.h>

#include "requantize.h"
#include "k_elementwise.h"

// e^x = 2^n · e^r with n = round(x / ln 2) and |r| ≤ ln 2 / 2, e^r by its Taylor series in double to
// the 9th power (error below 2^−34): so the result, rounded once to float, is within 1 ulp, and since
// doubles are only added and multiplied here, in this order, it has the same bits everywhere.
float k_expf(float x) {
    if (x != x) return x;
    if (x > 88.8f) return (float)INFINITY;
    if (x < -104.0f) return 0.0f;
    const double n = rint((double)x * 1.4426950408889634);
    const double r = (double)x - n * 0.69314718055994531;
    double sum = 1.0 / 362880;
    sum = sum * r + 1.0 / 40320;
    sum = sum * r + 1.0 / 5040;
    sum = sum * r + 1.0 / 720;
    sum = sum * r + 1.0 / 120;
    sum = sum * r + 1.0 / 24;
    sum = sum * r + 1.0 / 6;
    sum = sum * r + 0.5;
    sum = sum * r + 1.0;
    sum = sum * r + 1.0;
    const uint64_t bits = (uint64_t)(1023 + (int64_t)n) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return (float)(sum * power);
}
