// Fourier transforms of real signals.
#ifndef K_FFT_H
#define K_FFT_H

#include <stdint.h>

typedef struct {
    int16_t re, im;
} k_complex_s16;

typedef struct {
    float re, im;
} k_complex_f32;

/// Tables of a 16-bit fixed-point transform of 2·points real samples; points is a power of four.
/// Cosines and sines are floor(32767·cos + ½).
typedef struct {
    int32_t points;
    const k_complex_s16 *twiddles; // [points]: exp(−2πi·k/points)
    const k_complex_s16 *split;    // [points/2]: exp(−πi·((k + 1)/points + ½))
    const uint16_t *order;         // [points]: k with its base-4 digits reversed
} k_fft_s16;

/// Fills the three tables of `points` points.
void k_fft_s16_tables(int32_t points, k_complex_s16 *twiddles, k_complex_s16 *split, uint16_t *order);

/// out[0…points] = spectrum of in[0…2·points) / (2·points): each of the log₄(points) + 1 passes scales by
/// its radix. Sums wrap at 16 bits, products are rounded half up to 15 fractional bits, and a division
/// by r is a product with ⌊32767/r⌋: the arithmetic of kissfft's FIXED_POINT=16, which the models were
/// trained on. `scratch` has `points` elements.
void k_fft_s16_real(const k_fft_s16 *fft, const int16_t *in, k_complex_s16 *scratch, k_complex_s16 *out);

/// Tables of a float32 transform of 2·points real samples; points is a power of two.
typedef struct {
    int32_t points;
    const k_complex_f32 *twiddles; // [points]: exp(−πi·k/points)
    const uint16_t *order;         // [points]: k with its bits reversed
} k_fft_f32;

void k_fft_f32_tables(int32_t points, k_complex_f32 *twiddles, uint16_t *order);

/// out[0…points] = unscaled spectrum of in[0…2·points). Radix 2, decimation in time, every product and sum
/// rounded to float32 in the order that fft_f32.c gives. `scratch` has `points` elements.
void k_fft_f32_real(const k_fft_f32 *fft, const float *in, k_complex_f32 *scratch, k_complex_f32 *out);

#endif
