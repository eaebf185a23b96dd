#include "c_training.h"
#include <math.h>

T_CLONES void t_sgd(size_t count, float rate, float momentum, float decay, float factor, const float *g, float *v, float *w) {
    for (size_t i = 0; i < count; i++) {
        float slope = factor * g[i] + decay * w[i];
        v[i] = momentum * v[i] + slope;
        w[i] -= rate * (slope + momentum * v[i]);
    }
}

T_CLONES void t_adamw(
    size_t count, float rate, float beta1, float beta2, float epsilon, float decay, float correction1, float correction2,
    float factor, const float *g, float *m, float *v, float *w) {
    for (size_t i = 0; i < count; i++) {
        float slope = factor * g[i];
        w[i] -= rate * decay * w[i];
        m[i] = beta1 * m[i] + (1 - beta1) * slope;
        v[i] = beta2 * v[i] + (1 - beta2) * slope * slope;
        w[i] -= rate / correction1 * m[i] / (sqrtf(v[i] / correction2) + epsilon);
    }
}

T_CLONES void t_average(size_t count, float keep, const float *w, float *average) {
    for (size_t i = 0; i < count; i++) average[i] += (1 - keep) * (w[i] - average[i]);
}
