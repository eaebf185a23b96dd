#include <string.h>

#include "k_micro_frontend.h"

void k_micro_frontend_reset(k_micro_frontend *f) { memset(f->estimate, 0, sizeof f->estimate); }

void k_micro_frontend_run(k_micro_frontend *f, const int16_t *samples) {
    // The factors are truncated, not rounded: 0.025, 0.06 and 0.05 with 14 fractional bits.
    static const uint32_t smoothing[2] = {409, 983}, remaining = 819;
    const k_fft_s16 fft = {K_MICRO_POINTS, f->twiddles, f->split, f->order};
    const k_micro_filterbank bank = {K_MICRO_CHANNELS, f->edges, f->rising, f->falling};

    // What lies behind the window stays the zero that it was made with.
    const int32_t shift = k_micro_window(samples, f->window, K_MICRO_WINDOW, f->samples);
    k_micro_scale(f->samples, K_MICRO_WINDOW, shift);
    k_fft_s16_real(&fft, f->samples, f->scratch, f->spectrum);
    k_micro_filter(&bank, f->spectrum, shift, f->signal);
    k_micro_reduce_noise(f->signal, f->estimate, K_MICRO_CHANNELS, smoothing, remaining);
    k_micro_normalise(f->signal, f->estimate, K_MICRO_CHANNELS, f->gain);
    k_micro_log(f->signal, K_MICRO_CHANNELS, f->segments, f->features);
}
