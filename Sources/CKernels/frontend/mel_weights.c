#include <math.h>

#include "k_elementary.h"
#include "k_log_mel.h"
#include "../small.h"

K_SMALL_BEGIN

// Slaney's Auditory Toolbox: 200/3 Hz a mel up to 1 kHz, then 27 steps to a factor of 6.4.
static const double linear_step = 200.0 / 3, knee_hertz = 1000, knee_mel = 15;

static double log_step(void) { return k_log_f64(6.4) / 27; }

static double mel_of(k_mel_scale scale, double hertz) {
    if (scale == K_MEL_HTK) return 1127 * k_log_f64(1 + hertz / 700);
    if (hertz < knee_hertz) return hertz / linear_step;
    return knee_mel + k_log_f64(hertz / knee_hertz) / log_step();
}

static double hertz_of(k_mel_scale scale, double mel) {
    if (scale == K_MEL_HTK) return 700 * (k_exp_f64(mel / 1127) - 1);
    if (mel < knee_mel) return mel * linear_step;
    return knee_hertz * k_exp_f64((mel - knee_mel) * log_step());
}

int32_t k_mel_weights(k_mel_scale scale, int32_t sample_rate, int32_t points, int32_t bins, double lowest,
                      double highest, uint16_t *first, uint16_t *count, float *weights) {
    const double bottom = mel_of(scale, lowest), step = (mel_of(scale, highest) - bottom) / (bins + 1);
    const double hertz_per_bin = sample_rate / (2.0 * points);
    int32_t total = 0;
    for (int32_t b = 0; b < bins; b++) {
        // Edges and frequencies in the unit in which the triangle's flanks are straight.
        double edge[3];
        for (int32_t e = 0; e < 3; e++) {
            edge[e] = bottom + step * (b + e);
            if (scale == K_MEL_SLANEY) edge[e] = hertz_of(scale, edge[e]);
        }
        const double height = scale == K_MEL_SLANEY ? 2 / (edge[2] - edge[0]) : 1;
        first[b] = count[b] = 0;
        for (int32_t k = 1; k <= points; k++) {
            const double hertz = k * hertz_per_bin, f = scale == K_MEL_HTK ? mel_of(scale, hertz) : hertz;
            const double rising = (f - edge[0]) / (edge[1] - edge[0]), falling = (edge[2] - f) / (edge[2] - edge[1]);
            const double weight = rising < falling ? rising : falling;
            if (weight <= 0) continue;
            if (count[b]++ == 0) first[b] = (uint16_t)k;
            if (weights) weights[total] = (float)(weight * height);
            total++;
        }
    }
    return total;
}

K_SMALL_END
