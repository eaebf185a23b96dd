#include "k_elementary.h"
#include "k_fft.h"

void k_fft_f32_tables(int32_t points, k_complex_f32 *twiddles, uint16_t *order) {
    for (int32_t k = 0; k < points; k++) {
        twiddles[k] = (k_complex_f32){(float)k_cos_turn_f64(k, 2 * points), (float)-k_sin_turn_f64(k, 2 * points)};
        uint32_t reversed = 0, rest = (uint32_t)k;
        for (int32_t n = points; n > 1; n /= 2, rest /= 2) reversed = reversed * 2 + rest % 2;
        order[k] = (uint16_t)reversed;
    }
}

static inline k_complex_f32 times(k_complex_f32 a, k_complex_f32 b) {
    return (k_complex_f32){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

void k_fft_f32_real(const k_fft_f32 *fft, const float *in, k_complex_f32 *z, k_complex_f32 *out) {
    const int32_t points = fft->points;
    // Even samples are taken for real parts and odd ones for imaginary parts: half the transform.
    for (int32_t k = 0; k < points; k++) {
        int32_t from = 2 * fft->order[k];
        z[k] = (k_complex_f32){in[from], in[from + 1]};
    }
    for (int32_t half = 1; half < points; half *= 2) {
        const int32_t stride = points / half;
        for (int32_t start = 0; start < points; start += 2 * half) {
            k_complex_f32 *low = z + start, *high = low + half;
            for (int32_t k = 0; k < half; k++) {
                k_complex_f32 turned = times(high[k], fft->twiddles[k * stride]), a = low[k];
                low[k] = (k_complex_f32){a.re + turned.re, a.im + turned.im};
                high[k] = (k_complex_f32){a.re - turned.re, a.im - turned.im};
            }
        }
    }

    // The spectrum of the even samples is (z[k] + z*[−k])/2, of the odd ones (z[k] − z*[−k])/2i.
    out[0] = (k_complex_f32){z[0].re + z[0].im, 0};
    out[points] = (k_complex_f32){z[0].re - z[0].im, 0};
    for (int32_t k = 1; k < points; k++) {
        k_complex_f32 a = z[k], b = {z[points - k].re, -z[points - k].im};
        k_complex_f32 even = {0.5f * (a.re + b.re), 0.5f * (a.im + b.im)};
        k_complex_f32 odd = {0.5f * (a.im - b.im), -0.5f * (a.re - b.re)};
        k_complex_f32 turned = times(odd, fft->twiddles[k]);
        out[k] = (k_complex_f32){even.re + turned.re, even.im + turned.im};
    }
}
