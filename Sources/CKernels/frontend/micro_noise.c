#include "k_micro_frontend.h"

void k_micro_reduce_noise(uint32_t *signal, uint32_t *estimate, int32_t channels, const uint32_t smoothing[2],
                          uint32_t remaining) {
    for (int32_t c = 0; c < channels; c++) {
        const uint32_t share = smoothing[c & 1], fine = signal[c] << 10;
        uint32_t noise = (uint32_t)(((uint64_t)fine * share + (uint64_t)estimate[c] * ((1 << 14) - share)) >> 14);
        estimate[c] = noise;
        if (noise > fine) noise = fine;
        const uint32_t least = (uint32_t)(((uint64_t)signal[c] * remaining) >> 14);
        const uint32_t left = (fine - noise) >> 10;
        signal[c] = left > least ? left : least;
    }
}
