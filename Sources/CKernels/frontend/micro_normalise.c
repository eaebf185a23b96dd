#include "k_micro_frontend.h"

int16_t k_micro_gain(uint32_t x, const int16_t *table) {
    const int32_t bits = x ? 32 - __builtin_clz(x) : 0;
    const int16_t *parabola = table + 4 * bits;
    // How far x is into its interval, in 10 bits: what follows its leading one.
    const int32_t way = (int32_t)(bits < 11 ? x << (11 - bits) : x >> (bits - 11)) & 0x3FF;
    int32_t slope = ((parabola[2] * way) >> 5) + (int32_t)((uint32_t)parabola[1] << 5);
    return (int16_t)(((slope * way + (1 << 14)) >> 15) + parabola[0]);
}

static uint32_t shrink(uint32_t x) { return x < 2 << 12 ? (x * x) >> 20 : (x >> 6) - (1 << 6); }

void k_micro_normalise(uint32_t *signal, const uint32_t *estimate, int32_t channels, const int16_t *table) {
    for (int32_t c = 0; c < channels; c++) {
        const uint32_t gain = (uint32_t)k_micro_gain(estimate[c], table);
        signal[c] = shrink((uint32_t)(((uint64_t)signal[c] * gain) >> 6));
    }
}
