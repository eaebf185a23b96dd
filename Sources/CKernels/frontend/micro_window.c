#include "k_micro_frontend.h"
#include "../small.h"

// The reference's alone.
K_SMALL_BEGIN

int32_t k_micro_window(const int16_t *in, const int16_t *window, int32_t count, int16_t *out) {
    int32_t loudest = 0;
    for (int32_t i = 0; i < count; i++) {
        int16_t value = (int16_t)((in[i] * window[i]) >> 12);
        out[i] = value;
        int32_t magnitude = (int16_t)(value < 0 ? -value : value);
        if (magnitude > loudest) loudest = magnitude;
    }
    return loudest == 0 ? 15 : __builtin_clz((uint32_t)loudest) - 17;
}

void k_micro_scale(int16_t *values, int32_t count, int32_t shift) {
    for (int32_t i = 0; i < count; i++) values[i] = (int16_t)((uint32_t)values[i] << shift);
}

K_SMALL_END
