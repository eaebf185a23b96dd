#include "k_micro_frontend.h"

// ln x·64 for x > 1: the bit length and a chord of log₂ over 128 segments give log₂ x in 16 fractional bits.
static uint32_t logarithm(uint32_t x, const uint16_t *segments) {
    const uint32_t whole = 31 - (uint32_t)__builtin_clz(x);
    const uint32_t rest = x - (1u << whole);
    const uint32_t fraction = whole < 16 ? rest << (16 - whole) : rest >> (whole - 16);
    const uint32_t segment = fraction >> 9;
    const int32_t rise = segments[segment + 1] - segments[segment];
    const int32_t above = segments[segment] + ((rise * (int32_t)(fraction & 511)) >> 16);
    const uint32_t log2 = (whole << 16) + fraction + (uint32_t)above;
    const uint32_t ln = (uint32_t)((45426 * (uint64_t)log2 + 32768) >> 16); // 45426 = ln 2
    return ((ln << 6) + 32768) >> 16;
}

void k_micro_log(const uint32_t *signal, int32_t channels, const uint16_t *segments, uint16_t *out) {
    for (int32_t c = 0; c < channels; c++) {
        const uint32_t x = signal[c] << 3;
        const uint32_t value = x > 1 ? logarithm(x, segments) : 0;
        out[c] = (uint16_t)(value < 65535 ? value : 65535);
    }
}
