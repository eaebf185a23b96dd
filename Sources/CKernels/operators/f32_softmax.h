// SOFTMAX of floats, LANES of a row at once. The sum is that of eight partial sums in either case.
#include "f32_functions.h"
#include "k_reduction.h"

enum { SUMS = 8 };

/// y[0 ..< n] = e^(beta·(x − maximum)); adds each to the partial sum whose turn it is.
INLINE void exponentials(const float *x, float *y, size_t n, F maximum, F beta, F *sum) {
    F v = {0};
    memcpy(&v, x, n * sizeof(float));
    v = exp_f((v - maximum) * beta);
    if (n < LANES) {
        F whole = {0};
        memcpy(&whole, &v, n * sizeof(float));
        v = whole;
    }
    *sum += v;
    memcpy(y, &v, n * sizeof(float));
}

void NAME(k_f32_softmax)(const void *block) {
    const k_softmax *p = block;
    const float *x = p->input;
    float *y = p->output;
    const size_t columns = (size_t)p->columns;
    for (int32_t r = 0; r < p->rows; r++, x += columns, y += columns) {
        F maxima = splat(-INFINITY), sums[SUMS / LANES] = {0};
        size_t i = 0;
        for (; i + LANES <= columns; i += LANES) {
            F v;
            memcpy(&v, x + i, LANES * sizeof(float));
            maxima = v > maxima ? v : maxima;
        }
        float maximum = -INFINITY, total[SUMS];
        for (int32_t l = 0; l < LANES; l++) maximum = maxima[l] > maximum ? maxima[l] : maximum;
        for (; i < columns; i++) maximum = x[i] > maximum ? x[i] : maximum;
        for (i = 0; i + LANES <= columns; i += LANES)
            exponentials(x + i, y + i, LANES, splat(maximum), splat(p->beta), &sums[i / LANES % (SUMS / LANES)]);
#if LANES > 1
        if (i < columns) exponentials(x + i, y + i, columns - i, splat(maximum), splat(p->beta), sums);
#endif
        memcpy(total, sums, sizeof total);
        for (int32_t half = SUMS / 2; half > 0; half /= 2)
            for (int32_t l = 0; l < half; l++) total[l] += total[l + half];
        const float inverse = 1 / total[0];
        for (i = 0; i < columns; i++) y[i] *= inverse;
    }
}
