#include <math.h>

#include "k_micro_frontend.h"
#include "../small.h"

// The reference's alone.
K_SMALL_BEGIN

// Rounded to nearest: up where the remainder exceeds the root. n is below 2⁵³, so the double root
// has the right floor. The original's 32-bit path cannot round 65535 up, hence nor do we.
static uint32_t rounded_root(uint64_t n) {
    uint64_t root = (uint64_t)sqrt((double)n);
    if (n - root * root > root && !(root == 0xFFFF && n >> 32 == 0)) root++;
    return (uint32_t)root;
}

void k_micro_filter(const k_micro_filterbank *bank, const k_complex_s16 *spectrum, int32_t shift, uint32_t *out) {
    uint64_t below = 0; // what the bins below a channel's centre give it
    for (int32_t c = 0; c <= bank->channels; c++) {
        uint64_t rising = 0, falling = 0;
        for (int32_t bin = bank->edges[c]; bin < bank->edges[c + 1]; bin++) {
            const k_complex_s16 z = spectrum[bin];
            const uint64_t energy = (uint32_t)(z.re * z.re) + (uint32_t)(z.im * z.im);
            rising += (uint64_t)bank->rising[bin] * energy;
            falling += (uint64_t)bank->falling[bin] * energy;
        }
        if (c > 0) out[c - 1] = rounded_root(below + falling) >> shift;
        below = rising;
    }
}

K_SMALL_END
