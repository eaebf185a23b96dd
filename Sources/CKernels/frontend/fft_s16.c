#include <math.h>

#include "k_elementary.h"
#include "k_fft.h"

// exp(−2πi·turn/turns) in 15 fractional bits.
static k_complex_s16 unit(int64_t turn, int64_t turns) {
    return (k_complex_s16){(int16_t)floor(32767 * k_cos_turn_f64(turn, turns) + 0.5),
                           (int16_t)floor(-32767 * k_sin_turn_f64(turn, turns) + 0.5)};
}

void k_fft_s16_tables(int32_t points, k_complex_s16 *twiddles, k_complex_s16 *split, uint16_t *order) {
    for (int32_t k = 0; k < points; k++) {
        twiddles[k] = unit(k, points);
        uint32_t reversed = 0, rest = (uint32_t)k;
        for (int32_t n = points; n > 1; n /= 4, rest /= 4) reversed = reversed * 4 + rest % 4;
        order[k] = (uint16_t)reversed;
    }
    for (int32_t k = 0; k < points / 2; k++) split[k] = unit(2 * (k + 1) + points, 4 * (int64_t)points);
}

static inline int16_t rounded(int32_t product) { return (int16_t)((product + (1 << 14)) >> 15); }

static inline k_complex_s16 scaled(k_complex_s16 a, int32_t factor) {
    return (k_complex_s16){rounded(a.re * factor), rounded(a.im * factor)};
}

static inline k_complex_s16 times(k_complex_s16 a, k_complex_s16 b) {
    return (k_complex_s16){rounded(a.re * b.re - a.im * b.im), rounded(a.re * b.im + a.im * b.re)};
}

static inline k_complex_s16 plus(k_complex_s16 a, k_complex_s16 b) {
    return (k_complex_s16){(int16_t)(a.re + b.re), (int16_t)(a.im + b.im)};
}

static inline k_complex_s16 minus(k_complex_s16 a, k_complex_s16 b) {
    return (k_complex_s16){(int16_t)(a.re - b.re), (int16_t)(a.im - b.im)};
}

// Four spectra of `quarter` points each, side by side at `a`, become one of 4·quarter points.
// A product with the first twiddle, 32767/32768, isn't skipped: it is part of the arithmetic.
static void merge_four(const k_fft_s16 *fft, k_complex_s16 *a, int32_t quarter) {
    const int32_t stride = fft->points / (4 * quarter);
    for (int32_t k = 0; k < quarter; k++, a++) {
        k_complex_s16 x0 = scaled(a[0], 32767 / 4);
        k_complex_s16 x1 = times(scaled(a[quarter], 32767 / 4), fft->twiddles[k * stride]);
        k_complex_s16 x2 = times(scaled(a[2 * quarter], 32767 / 4), fft->twiddles[2 * k * stride]);
        k_complex_s16 x3 = times(scaled(a[3 * quarter], 32767 / 4), fft->twiddles[3 * k * stride]);
        k_complex_s16 even = plus(x0, x2), odd = plus(x1, x3);
        k_complex_s16 left = minus(x0, x2), right = minus(x1, x3);
        a[0] = plus(even, odd);
        a[quarter] = (k_complex_s16){(int16_t)(left.re + right.im), (int16_t)(left.im - right.re)};
        a[2 * quarter] = minus(even, odd);
        a[3 * quarter] = (k_complex_s16){(int16_t)(left.re - right.im), (int16_t)(left.im + right.re)};
    }
}

void k_fft_s16_real(const k_fft_s16 *fft, const int16_t *in, k_complex_s16 *z, k_complex_s16 *out) {
    const int32_t points = fft->points;
    // Even samples are taken for real parts and odd ones for imaginary parts: half the transform.
    for (int32_t k = 0; k < points; k++) {
        int32_t from = 2 * fft->order[k];
        z[k] = (k_complex_s16){in[from], in[from + 1]};
    }
    for (int32_t quarter = 1; quarter < points; quarter *= 4)
        for (int32_t start = 0; start < points; start += 4 * quarter) merge_four(fft, z + start, quarter);

    k_complex_s16 first = scaled(z[0], 32767 / 2);
    out[0] = (k_complex_s16){(int16_t)(first.re + first.im), 0};
    out[points] = (k_complex_s16){(int16_t)(first.re - first.im), 0};
    for (int32_t k = 1; k <= points / 2; k++) {
        k_complex_s16 mirror = {z[points - k].re, (int16_t)-z[points - k].im};
        k_complex_s16 a = scaled(z[k], 32767 / 2), b = scaled(mirror, 32767 / 2);
        k_complex_s16 even = plus(a, b), odd = times(minus(a, b), fft->split[k - 1]);
        out[k] = (k_complex_s16){(int16_t)((even.re + odd.re) >> 1), (int16_t)((even.im + odd.im) >> 1)};
        out[points - k] = (k_complex_s16){(int16_t)((even.re - odd.re) >> 1), (int16_t)((odd.im - even.im) >> 1)};
    }
}
