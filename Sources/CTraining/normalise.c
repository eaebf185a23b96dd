#include "c_training.h"
#include <math.h>

static inline int32_t band_of(const t_bands *b, int32_t row) {
    return b->bands == 1 ? 0 : row % b->width / (b->width / b->bands);
}

/// What passes the activation of `v` back.
INLINE float passed(t_activation act, float v, float dy) {
    switch (act) {
        case T_RELU: return v > 0 ? dy : 0;
        case T_RELU6: return v > 0 && v < 6 ? dy : 0;
        default: return dy;
    }
}

/// A loop for each activation, rather than a choice for each element.
#define FOR_ACTIVATION(CALL)                                                   \
    switch (act) {                                                             \
        case T_RELU: CALL(T_RELU); break;                                      \
        case T_RELU6: CALL(T_RELU6); break;                                    \
        default: CALL(T_LINEAR);                                               \
    }

// Sums of doubles would be exact enough but slow: floats over a few rows at a time, then doubles.
enum { FEW = 64, BLOCK = 64 };

/// Behind the last of the few rows from `r` on that are of one band.
static inline int32_t few_of_band(const t_bands *b, int32_t r) {
    int32_t last = r;
    while (last < b->rows && last - r < FEW && band_of(b, last) == band_of(b, r)) last++;
    return last;
}

T_CLONES void t_band_sums(const t_bands *b, const float *x, double *sum, double *squares) {
    int32_t C = b->channels;
    for (int32_t i = 0; i < b->bands * C; i++) sum[i] = squares[i] = 0;
    for (int32_t c0 = 0; c0 < C; c0 += BLOCK) {
        int32_t wide = C - c0 < BLOCK ? C - c0 : BLOCK;
        for (int32_t r = 0; r < b->rows;) {
            int32_t band = band_of(b, r), last = few_of_band(b, r);
            float s[BLOCK] = {0}, q[BLOCK] = {0};
            for (; r < last; r++) {
                const float *row = x + (size_t)r * C + c0;
                for (int32_t c = 0; c < wide; c++) {
                    s[c] += row[c];
                    q[c] += row[c] * row[c];
                }
            }
            for (int32_t c = 0; c < wide; c++) {
                sum[band * C + c0 + c] += s[c];
                squares[band * C + c0 + c] += q[c];
            }
        }
    }
}

T_CLONES void t_band_affine(const t_bands *b, const float *x, const float *scale, const float *offset, t_activation act, float *y) {
    int32_t C = b->channels;
    for (int32_t r = 0; r < b->rows; r++, x += C, y += C) {
        const float *s = scale + (size_t)band_of(b, r) * C, *o = offset + (size_t)band_of(b, r) * C;
        if (act == T_RELU) {
            for (int32_t c = 0; c < C; c++) {
                float v = x[c] * s[c] + o[c];
                y[c] = v > 0 ? v : 0;
            }
        } else if (act == T_RELU6) {
            for (int32_t c = 0; c < C; c++) {
                float v = x[c] * s[c] + o[c];
                v = v > 0 ? v : 0;
                y[c] = v < 6 ? v : 6;
            }
        } else {
            for (int32_t c = 0; c < C; c++) y[c] = x[c] * s[c] + o[c];
        }
    }
}

INLINE void gradient_sums(
    const t_bands *b, const float *x, const float *dy, const float *scale, const float *offset, const float *mean,
    const float *inverse, t_activation act, double *sum, double *product) {
    int32_t C = b->channels;
    for (int32_t i = 0; i < b->bands * C; i++) sum[i] = product[i] = 0;
    for (int32_t c0 = 0; c0 < C; c0 += BLOCK) {
        int32_t wide = C - c0 < BLOCK ? C - c0 : BLOCK;
        for (int32_t r = 0; r < b->rows;) {
            int32_t band = band_of(b, r), last = few_of_band(b, r), of = band * C + c0;
            float s[BLOCK] = {0}, p[BLOCK] = {0};
            for (; r < last; r++) {
                size_t at = (size_t)r * C + c0;
                for (int32_t c = 0; c < wide; c++) {
                    float g = passed(act, x[at + c] * scale[of + c] + offset[of + c], dy[at + c]);
                    s[c] += g;
                    p[c] += g * (x[at + c] - mean[of + c]);
                }
            }
            for (int32_t c = 0; c < wide; c++) {
                sum[of + c] += s[c];
                product[of + c] += p[c] * inverse[of + c];
            }
        }
    }
}

T_CLONES void t_band_gradient_sums(
    const t_bands *b, const float *x, const float *dy, const float *scale, const float *offset, const float *mean,
    const float *inverse, t_activation act, double *sum, double *product) {
#define CALL(ACT) gradient_sums(b, x, dy, scale, offset, mean, inverse, ACT, sum, product)
    FOR_ACTIVATION(CALL)
#undef CALL
}

INLINE void gradient(
    const t_bands *b, const float *x, const float *scale, const float *offset, const float *mean, t_activation act, const float *a,
    const float *p, float *slope) {
    int32_t C = b->channels;
    for (int32_t r = 0; r < b->rows; r++, x += C, slope += C) {
        size_t of = (size_t)band_of(b, r) * C;
        for (int32_t c = 0; c < C; c++) {
            float g = passed(act, x[c] * scale[of + c] + offset[of + c], slope[c]);
            slope[c] = scale[of + c] * (g - a[of + c] - (x[c] - mean[of + c]) * p[of + c]);
        }
    }
}

T_CLONES void t_band_gradient(
    const t_bands *b, const float *x, const float *scale, const float *offset, const float *mean, t_activation act, const float *a,
    const float *p, float *slope) {
#define CALL(ACT) gradient(b, x, scale, offset, mean, ACT, a, p, slope)
    FOR_ACTIVATION(CALL)
#undef CALL
}

T_CLONES void t_layer_norm(
    int32_t rows, int32_t channels, const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean,
    float *inverse) {
    for (int32_t r = 0; r < rows; r++, x += channels, y += channels) {
        float sum = 0, squares = 0;
        for (int32_t c = 0; c < channels; c++) sum += x[c];
        float m = sum / channels;
        for (int32_t c = 0; c < channels; c++) squares += (x[c] - m) * (x[c] - m);
        float v = 1 / sqrtf(squares / channels + epsilon);
        for (int32_t c = 0; c < channels; c++) y[c] = (x[c] - m) * v * gamma[c] + beta[c];
        mean[r] = m;
        inverse[r] = v;
    }
}

T_CLONES void t_layer_norm_gradient(
    int32_t rows, int32_t channels, const float *x, const float *dy, const float *gamma, const float *mean, const float *inverse,
    float *dx, float *dgamma, float *dbeta) {
    for (int32_t c = 0; c < channels; c++) dgamma[c] = dbeta[c] = 0;
    for (int32_t r = 0; r < rows; r++, x += channels, dy += channels, dx += channels) {
        float m = mean[r], v = inverse[r], sum = 0, product = 0;
        for (int32_t c = 0; c < channels; c++) {
            float normal = (x[c] - m) * v, g = dy[c] * gamma[c];
            dgamma[c] += dy[c] * normal;
            dbeta[c] += dy[c];
            sum += g;
            product += g * normal;
        }
        sum /= channels;
        product /= channels;
        for (int32_t c = 0; c < channels; c++) dx[c] = v * (dy[c] * gamma[c] - sum - (x[c] - m) * v * product);
    }
}
