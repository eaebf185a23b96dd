#include <math.h>

#include "k_elementary.h"
#include "k_resample.h"
#include "../small.h"

K_SMALL_BEGIN

static const double attenuation = 90; // dB

// More phases than this are mixed from fewer rows. 256 rows per period of the cutoff, mixed linearly,
// err by (π/256)²/8, −94 dB, where the signal is loudest at its highest.
enum { EXACT_PHASES = 640, MIXED_PHASES = 256, LEAST_PHASES = 32 };

void k_resampler_plan(k_resampler *r, int32_t from, int32_t to) {
    int32_t a = from, b = to;
    while (b) {
        const int32_t rest = a % b;
        a = b;
        b = rest;
    }
    r->from = from / a;
    r->to = to / a;
    // The transition is 1/16 of the lower rate wide.
    const double lower = from < to ? from : to, width = 6.28318530717958647693 * lower / 16 / from;
    const int32_t least = (int32_t)ceil((attenuation - 7.95) / (2.285 * width));
    r->taps = (least + 7) / 8 * 8;
    r->phases = r->to;
    if (r->phases > EXACT_PHASES) {
        r->phases = (int32_t)ceil(MIXED_PHASES * lower / from);
        if (r->phases < LEAST_PHASES) r->phases = LEAST_PHASES;
    }
}

// The modified Bessel function I₀ by its series.
static double bessel(double x) {
    double sum = 1, term = 1;
    for (int32_t k = 1; term > 1e-17 * sum; k++) {
        term *= (x / 2 / k) * (x / 2 / k);
        sum += term;
    }
    return sum;
}

// The filter `steps`/phases of an input sample off its middle, unnormalised.
static double filter(const k_resampler *r, int64_t steps, double beta) {
    const int64_t lower = r->from < r->to ? r->from : r->to;
    const double reach = (double)r->taps / 2 * r->phases, off = (double)steps / reach;
    if (off <= -1 || off >= 1) return 0;
    // sin(2π·cutoff·steps/phases), the cutoff being 15/32 of the lower rate, as a whole part of a turn.
    const int64_t turn = 15 * lower * steps, turns = 32 * (int64_t)r->from * r->phases;
    const double sinc = steps == 0 ? 6.28318530717958647693 * 15 * (double)lower / (double)turns
                                   : k_sin_turn_f64(turn, turns) / (double)steps;
    return sinc * bessel(beta * sqrt(1 - off * off));
}

void k_resampler_fill(const k_resampler *r, float *table) {
    const double beta = 0.1102 * (attenuation - 8.7);
    for (int32_t p = 0; p <= r->phases; p++, table += r->taps) {
        double sum = 0;
        for (int32_t k = 0; k < r->taps; k++) {
            const double value = filter(r, p + (int64_t)(r->taps / 2 - 1 - k) * r->phases, beta);
            table[k] = (float)value;
            sum += value;
        }
        for (int32_t k = 0; k < r->taps; k++) table[k] = (float)(table[k] / sum);
    }
}

K_SMALL_END
