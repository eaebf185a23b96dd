#include <math.h>

#include "k_resample.h"

enum { LANES = 8 };

static float dot(const float *a, const float *b, int32_t count) {
    float lane[LANES] = {0};
    for (int32_t i = 0; i < count; i += LANES)
        for (int32_t j = 0; j < LANES; j++) lane[j] += a[i + j] * b[i + j];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

int32_t k_resample(const k_resampler *r, const float *history, int32_t available, int32_t *start, int32_t *phase,
                   int16_t *out, int32_t room) {
    int32_t made = 0;
    for (; made < room && *start + r->taps <= available; made++) {
        const float *taps = history + *start;
        const int64_t place = (int64_t)*phase * r->phases;
        const float *row = r->table + place / r->to * r->taps;
        float value = dot(taps, row, r->taps);
        if (place % r->to) {
            const float part = (float)(place % r->to) / (float)r->to;
            value += part * (dot(taps, row + r->taps, r->taps) - value);
        }
        const float rounded = rintf(value);
        out[made] = (int16_t)(rounded > 32767 ? 32767 : rounded < -32768 ? -32768 : rounded);
        *phase += r->from;
        *start += *phase / r->to;
        *phase %= r->to;
    }
    return made;
}
