#include <math.h>
#include <string.h>

#include "k_resample.h"

// Four lanes in a register, spelt out: from an array of eight, compilers make pairs.
typedef float f32x4 __attribute__((vector_size(16)));

static inline f32x4 load(const float *from) {
    f32x4 v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline float sum(f32x4 low, f32x4 high) {
    const f32x4 both = low + high;
    return (both[0] + both[2]) + (both[1] + both[3]);
}

static float dot(const float *a, const float *b, int32_t count) {
    f32x4 low = {0}, high = {0};
    for (int32_t i = 0; i < count; i += 8) {
        low += load(a + i) * load(b + i);
        high += load(a + i + 4) * load(b + i + 4);
    }
    return sum(low, high);
}

// Four outputs, `step` inputs apart, by one row: it is read once.
static void dot_four(const float *a, int32_t step, const float *row, int32_t count, float out[4]) {
    f32x4 low[4] = {{0}}, high[4] = {{0}};
    for (int32_t i = 0; i < count; i += 8) {
        const f32x4 first = load(row + i), second = load(row + i + 4);
        for (int32_t j = 0; j < 4; j++) {
            low[j] += load(a + j * step + i) * first;
            high[j] += load(a + j * step + i + 4) * second;
        }
    }
    for (int32_t j = 0; j < 4; j++) out[j] = sum(low[j], high[j]);
}

static int16_t rounded(float value) {
    const float whole = rintf(value);
    return (int16_t)(whole > 32767 ? 32767 : whole < -32768 ? -32768 : whole);
}

void k_resample_widen(const int16_t *in, int32_t count, float *out) {
    for (int32_t i = 0; i < count; i++) out[i] = in[i];
}

int32_t k_resample(const k_resampler *r, const float *history, int32_t available, int32_t *start, int32_t *phase,
                   int16_t *out, int32_t room) {
    int32_t made = 0;
    // A whole ratio, 48 to 16 kHz: every output lies at a tap.
    for (; r->to == 1 && made + 4 <= room && *start + 3 * r->from + r->taps <= available; made += 4) {
        float values[4];
        dot_four(history + *start, r->from, r->table, r->taps, values);
        for (int32_t j = 0; j < 4; j++) out[made + j] = rounded(values[j]);
        *start += 4 * r->from;
    }
    for (; made < room && *start + r->taps <= available; made++) {
        const float *taps = history + *start;
        const int64_t place = (int64_t)*phase * r->phases;
        const float *row = r->table + place / r->to * r->taps;
        float value = dot(taps, row, r->taps);
        if (place % r->to) {
            const float part = (float)(place % r->to) / (float)r->to;
            value += part * (dot(taps, row + r->taps, r->taps) - value);
        }
        out[made] = rounded(value);
        *phase += r->from;
        *start += *phase / r->to;
        *phase %= r->to;
    }
    return made;
}
