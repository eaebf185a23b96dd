#include <string.h>

#include "micro_frontend.h"

void k_micro_frontend_reset(k_micro_frontend *f) { memset(f->estimate, 0, sizeof f->estimate); }

void micro_frontend_reference(k_micro_frontend *f, const int16_t *samples) {
    static const uint32_t smoothing[2] = {K_MICRO_SMOOTHING_EVEN, K_MICRO_SMOOTHING_ODD};
    const k_fft_s16 fft = {K_MICRO_POINTS, f->twiddles, f->split, f->order};
    const k_micro_filterbank bank = {K_MICRO_CHANNELS, f->edges, f->rising, f->falling};

    // What lies behind the window stays the zero that it was made with.
    const int32_t shift = k_micro_window(samples, f->window, K_MICRO_WINDOW, f->samples);
    k_micro_scale(f->samples, K_MICRO_WINDOW, shift);
    k_fft_s16_real(&fft, f->samples, f->scratch, f->spectrum);
    k_micro_filter(&bank, f->spectrum, shift, f->signal);
    k_micro_reduce_noise(f->signal, f->estimate, K_MICRO_CHANNELS, smoothing, K_MICRO_REMAINING);
    k_micro_normalise(f->signal, f->estimate, K_MICRO_CHANNELS, f->gain);
    k_micro_log(f->signal, K_MICRO_CHANNELS, f->segments, f->features);
}

static const k_micro_frontend_variant variants[] = {
    {"micro_frontend_reference", 0, micro_frontend_reference},
#if defined(__x86_64__)
    {"micro_frontend_8_avx2", K_CPU_AVX2, micro_frontend_8_avx2},
#elif defined(__aarch64__)
    {"micro_frontend_8_neon", K_CPU_NEON, micro_frontend_8_neon},
#endif
};

const int32_t k_micro_frontend_variant_count = sizeof variants / sizeof *variants;

const k_micro_frontend_variant *k_micro_frontend_variant_at(int32_t index) { return &variants[index]; }

const k_micro_frontend_variant *k_micro_frontend_best(uint32_t features) {
    int32_t i = k_micro_frontend_variant_count - 1;
    while (variants[i].requires & ~features) i--;
    return &variants[i];
}
