// The first half of the micro front-end, eight samples at a time: window, transform, energies. Written in
// the s16x8 of whoever includes it: s16x8_neon.h or s16x8_avx2.h. The arithmetic is that of
// k_micro_window, k_micro_scale and k_fft_s16_real.
//
// The transform is Stockham's: butterfly after butterfly reads lanes 64 apart and writes where the
// next pass finds its own side by side, so no pass gathers and nothing is put in order at the
// end. In pass p a value's place is [n][k]: bin k of the 4^p-point spectrum that starts at sample n.
// Real and imaginary parts stand in planes of their own.
#ifndef MICRO_SPECTRUM_H
#define MICRO_SPECTRUM_H

#include "k_micro_frontend.h"

// Unrolled, these loops would be kilobytes and no faster.
#define ROLLED _Pragma("clang loop unroll(disable)")

enum { QUARTER = K_MICRO_POINTS / 4 };

typedef struct {
    s16x8 re, im;
} complex8;

/// The planes of the transform.
typedef struct {
    int16_t re[K_MICRO_POINTS], im[K_MICRO_POINTS];
} micro_planes;

LANES complex8 load_complex(const micro_planes *z, int32_t at) {
    return (complex8){s16x8_load(z->re + at), s16x8_load(z->im + at)};
}

LANES void store_complex(micro_planes *z, int32_t at, complex8 a) {
    s16x8_store(z->re + at, a.re);
    s16x8_store(z->im + at, a.im);
}

LANES complex8 scale_complex(complex8 a, int16_t factor) {
    return (complex8){s16x8_scale(a.re, factor), s16x8_scale(a.im, factor)};
}

/// Eight butterflies in place.
LANES void butterflies(complex8 x[4]) {
    const complex8 even = {s16x8_add(x[0].re, x[2].re), s16x8_add(x[0].im, x[2].im)};
    const complex8 left = {s16x8_sub(x[0].re, x[2].re), s16x8_sub(x[0].im, x[2].im)};
    const complex8 odd = {s16x8_add(x[1].re, x[3].re), s16x8_add(x[1].im, x[3].im)};
    const complex8 right = {s16x8_sub(x[1].re, x[3].re), s16x8_sub(x[1].im, x[3].im)};
    x[0] = (complex8){s16x8_add(even.re, odd.re), s16x8_add(even.im, odd.im)};
    x[1] = (complex8){s16x8_add(left.re, right.im), s16x8_sub(left.im, right.re)};
    x[2] = (complex8){s16x8_sub(even.re, odd.re), s16x8_sub(even.im, odd.im)};
    x[3] = (complex8){s16x8_sub(left.re, right.im), s16x8_add(left.im, right.re)};
}

LANES void turned_butterflies(const micro_planes *z, int32_t at, const int16_t turns[6][8], complex8 x[4]) {
    for (int32_t j = 0; j < 4; j++) {
        x[j] = scale_complex(load_complex(z, at + QUARTER * j), 32767 / 4);
        if (j == 0) continue;
        const s16x8 re = s16x8_load(turns[2 * j - 2]), im = s16x8_load(turns[2 * j - 1]);
        s16x8_multiply(x[j].re, x[j].im, re, im, &x[j].re, &x[j].im);
    }
    butterflies(x);
}

/// Windows `samples` into `windowed`. Returns the shift that brings the loudest up to 15 bits.
LANES int32_t window_samples(const int16_t *samples, const int16_t *window, int16_t *windowed) {
    s16x8 loudest = s16x8_zero();
    // Four at a time, or an in-order core would wait for each instruction.
    ROLLED for (int32_t i = 0; i < K_MICRO_WINDOW; i += 32) {
        s16x8 values[4];
        for (int32_t j = 0; j < 4; j++)
            values[j] = s16x8_window(s16x8_load(samples + i + 8 * j), s16x8_load(window + i + 8 * j));
        for (int32_t j = 0; j < 4; j++) {
            s16x8_store(windowed + i + 8 * j, values[j]);
            loudest = s16x8_max(loudest, s16x8_abs(values[j]));
        }
    }
    const int32_t most = s16x8_largest(loudest);
    return most == 0 ? 15 : __builtin_clz((uint32_t)most) - 17;
}

/// [256] complex points of samples << shift, even ones as real and odd ones as imaginary parts.
LANES void transform(const int16_t *samples, int32_t shift, const k_micro_lanes *lanes, micro_planes *a, micro_planes *b) {
    complex8 x[4];
    // The twiddle of this pass, 32767/32768, leaves numbers of at most 8191 as they are.
    ROLLED for (int32_t i = 0; i < QUARTER; i += 8) {
        for (int32_t j = 0; j < 4; j++) {
            s16x8_load_pairs(samples + 2 * (i + QUARTER * j), &x[j].re, &x[j].im);
            x[j] = (complex8){s16x8_shift_left(x[j].re, shift), s16x8_shift_left(x[j].im, shift)};
            x[j] = scale_complex(x[j], 32767 / 4);
        }
        butterflies(x);
        s16x8_store_interleaved(a->re + 4 * i, x[0].re, x[1].re, x[2].re, x[3].re);
        s16x8_store_interleaved(a->im + 4 * i, x[0].im, x[1].im, x[2].im, x[3].im);
    }
    ROLLED for (int32_t i = 0; i < QUARTER; i += 8) {
        turned_butterflies(a, i, lanes->turns[0], x);
        s16x8_store_interleaved_halves(b->re + 4 * i, x[0].re, x[1].re, x[2].re, x[3].re);
        s16x8_store_interleaved_halves(b->im + 4 * i, x[0].im, x[1].im, x[2].im, x[3].im);
    }
    ROLLED for (int32_t i = 0; i < QUARTER; i += 8) {
        turned_butterflies(b, i, lanes->turns[1 + i / 8 % 2], x);
        for (int32_t l = 0; l < 4; l++) store_complex(a, i / 16 * 64 + i % 16 + 16 * l, x[l]);
    }
    ROLLED for (int32_t i = 0; i < QUARTER; i += 8) {
        turned_butterflies(a, i, lanes->turns[3 + i / 8], x);
        for (int32_t l = 0; l < 4; l++) store_complex(a, i + QUARTER * l, x[l]);
    }
}

/// energy[k] = |bin k|² of the 512 real samples whose half transform is z, k in 1…255.
LANES void energies(const micro_planes *z, const k_micro_lanes *lanes, uint32_t *energy) {
    ROLLED for (int32_t i = 0; i < K_MICRO_POINTS / 2; i += 8) {
        const int32_t mirrored = K_MICRO_POINTS - 8 - i;
        const complex8 below = load_complex(z, i + 1), above = load_complex(z, mirrored);
        const complex8 a = scale_complex(below, 32767 / 2);
        const complex8 b = {s16x8_scale(s16x8_reverse(above.re), 32767 / 2),
                            s16x8_scale(s16x8_sub(s16x8_zero(), s16x8_reverse(above.im)), 32767 / 2)};
        const complex8 even = {s16x8_add(a.re, b.re), s16x8_add(a.im, b.im)};
        complex8 odd = {s16x8_sub(a.re, b.re), s16x8_sub(a.im, b.im)};
        const int16_t(*split)[8] = lanes->split[i / 8];
        s16x8_multiply(odd.re, odd.im, s16x8_load(split[0]), s16x8_load(split[1]), &odd.re, &odd.im);
        s16x8_store_energy(energy + i + 1, s16x8_half_sum(even.re, odd.re), s16x8_half_sum(even.im, odd.im));
        // Bin 128, its own mirror image, is what this gives.
        s16x8_store_energy(energy + mirrored, s16x8_reverse(s16x8_half_difference(even.re, odd.re)),
                           s16x8_reverse(s16x8_half_difference(odd.im, even.im)));
    }
}

#endif
