#include "c_training.h"

T_CLONES void t_add(size_t count, const float *a, const float *b, float *sum) {
    for (size_t i = 0; i < count; i++) sum[i] = a[i] + b[i];
}

T_CLONES void t_add_repeated(size_t groups, size_t times, size_t channels, const float *a, const float *b, float *sum) {
    for (size_t g = 0; g < groups; g++, b += channels)
        for (size_t k = 0; k < times; k++, a += channels, sum += channels)
            for (size_t c = 0; c < channels; c++) sum[c] = a[c] + b[c];
}

T_CLONES void t_sum_repeated(size_t groups, size_t times, size_t channels, const float *x, float *sum) {
    for (size_t g = 0; g < groups; g++, sum += channels) {
        for (size_t c = 0; c < channels; c++) sum[c] = 0;
        for (size_t k = 0; k < times; k++, x += channels)
            for (size_t c = 0; c < channels; c++) sum[c] += x[c];
    }
}

T_CLONES void t_accumulate(size_t count, const float *x, float *into) {
    for (size_t i = 0; i < count; i++) into[i] += x[i];
}

T_CLONES void t_scale(size_t count, float factor, float *x) {
    for (size_t i = 0; i < count; i++) x[i] *= factor;
}

T_CLONES void t_multiply(size_t count, const float *a, const float *b, float *y) {
    for (size_t i = 0; i < count; i++) y[i] = a[i] * b[i];
}

double t_squares(size_t count, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i] * x[i];
    return sum;
}

T_CLONES void t_add_bias(size_t rows, size_t channels, const float *bias, float *y) {
    for (size_t r = 0; r < rows; r++, y += channels)
        for (size_t c = 0; c < channels; c++) y[c] += bias[c];
}

T_CLONES void t_column_sums(size_t rows, size_t channels, const float *x, float *sum) {
    for (size_t c = 0; c < channels; c++) sum[c] = 0;
    for (size_t r = 0; r < rows; r++, x += channels)
        for (size_t c = 0; c < channels; c++) sum[c] += x[c];
}

void t_dropout(size_t count, float rate, uint64_t *state, const float *x, float *mask, float *y) {
    float keep = 1 / (1 - rate);
    uint64_t s = *state;
    for (size_t i = 0; i < count; i++) {
        uint64_t z = s += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        mask[i] = (float)(z >> 40) * 0x1p-24f < rate ? 0 : keep;
        y[i] = x[i] * mask[i];
    }
    *state = s;
}
