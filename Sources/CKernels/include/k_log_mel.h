// Log-mel spectra in float32, every operation in one order: the same bits on every ISA.
#ifndef K_LOG_MEL_H
#define K_LOG_MEL_H

#include "k_fft.h"

typedef enum { K_MEL_HTK, K_MEL_SLANEY } k_mel_scale;

/// HTK: 1127·ln(1 + f/700), triangles linear in mel, height 1 (tf.signal.linear_to_mel_weight_matrix).
/// Slaney: linear to 1 kHz, logarithmic above, triangles linear in Hz, area 1 (librosa's default).
/// Fills first[bins] and count[bins], the bins of the spectrum that each mel bin reads, and their weights, one
/// mel bin after another. DC never counts. Returns the number of weights, at most 2·(points + 1); with
/// weights NULL it only counts.
int32_t k_mel_weights(k_mel_scale scale, int32_t sample_rate, int32_t points, int32_t bins, double lowest,
                      double highest, uint16_t *first, uint16_t *count, float *weights);

/// window[i] = ½ − ½·cos(2πi/count): the periodic Hann window.
void k_hann_f32(float *window, int32_t count);

typedef struct {
    k_fft_f32 fft;
    int32_t window_count, bins;
    const float *window;            // [window_count]
    const uint16_t *first, *count;  // [bins]
    const float *weights;
    int32_t power;                  // Σ of |z|² instead of |z|
    int32_t logarithm;              // whether to take it
    float floor, offset;            // ln(max(x, floor) + offset)
    float *padded;                  // room: [2·fft.points]; behind window_count it must be 0
    k_complex_f32 *scratch, *spectrum; // room: [fft.points], [fft.points + 1]
} k_log_mel;

/// out[bins] of one window of samples. Logarithms are taken in double and rounded once.
void k_log_mel_run(const k_log_mel *mel, const float *samples, float *out);

#endif
