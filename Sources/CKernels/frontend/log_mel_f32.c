#include <math.h>

#include "k_elementary.h"
#include "k_log_mel.h"

void k_hann_f32(float *window, int32_t count) {
    for (int32_t i = 0; i < count; i++) window[i] = (float)(0.5 - 0.5 * k_cos_turn_f64(i, count));
}

void k_log_mel_run(const k_log_mel *mel, const float *samples, float *out) {
    for (int32_t i = 0; i < mel->window_count; i++) mel->padded[i] = samples[i] * mel->window[i];
    k_fft_f32_real(&mel->fft, mel->padded, mel->scratch, mel->spectrum);

    // The strengths overwrite the spectrum from its start, two times denser than they are read.
    float *strength = (float *)mel->spectrum;
    for (int32_t k = 0; k <= mel->fft.points; k++) {
        const k_complex_f32 z = mel->spectrum[k];
        const float square = z.re * z.re + z.im * z.im;
        strength[k] = mel->power ? square : sqrtf(square);
    }

    const float *weight = mel->weights;
    for (int32_t b = 0; b < mel->bins; b++) {
        float sum = 0;
        for (int32_t k = 0; k < mel->count[b]; k++) sum += strength[mel->first[b] + k] * *weight++;
        if (mel->logarithm) {
            const float bounded = (sum > mel->floor ? sum : mel->floor) + mel->offset;
            sum = (float)k_log_f64((double)bounded);
        }
        out[b] = sum;
    }
}
