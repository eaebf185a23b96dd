#include "k_elementary.h"
#include "k_elementwise.h"
#include "../requantise.h"

// Rounded once from double: within 1 ulp, and the same bits everywhere.
float k_expf(float x) {
    if (x != x) return x;
    if (x > 88.8f) return (float)INFINITY;
    if (x < -104.0f) return 0.0f;
    return (float)k_exp_f64((double)x);
}
