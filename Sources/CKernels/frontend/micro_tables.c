#include <math.h>
#include <string.h>

#include "k_elementary.h"
#include "k_micro_frontend.h"
#include "../small.h"

K_SMALL_BEGIN

// Every intermediate result here is rounded to float32 where the original's is: a weight that falls
// to the other side of a half would be heard in every frame.

static void fill_window(int16_t *window) {
    const float step = (float)3.14159265358979323846 * 2.0f / K_MICRO_WINDOW;
    for (int32_t i = 0; i < K_MICRO_WINDOW; i++) {
        // The angle is a float32 and no whole part of a turn: cos by double-angle from its Taylor series
        // around the nearest whole part, 2π·(2i + 1)/960.
        const float angle = step * ((float)i + 0.5f);
        const double turn = 6.28318530717958647693 * (2 * i + 1) / (2 * K_MICRO_WINDOW), off = (double)angle - turn;
        const double cosine = k_cos_turn_f64(2 * i + 1, 2 * K_MICRO_WINDOW) * (1 - off * off / 2) -
                              k_sin_turn_f64(2 * i + 1, 2 * K_MICRO_WINDOW) * off;
        const float hann = 0.5f - 0.5f * (float)cosine;
        window[i] = (int16_t)floorf(hann * 4096 + 0.5f);
    }
}

static float mel(float hertz) { return 1127.0f * (float)k_log_f64(1 + (double)(hertz / 700.0f)); }

static void fill_filterbank(k_micro_frontend *f) {
    // 7500 Hz in mel, as the original gets it: its log1pf errs by one unit in the last place there, and
    // two weights depend on it.
    const float low = mel(125), high = 0x1.5aaaa0p+11f, spacing = (high - low) / (K_MICRO_CHANNELS + 1);
    const float hertz_per_bin = 8000.0f / K_MICRO_POINTS;
    memset(f->rising, 0, sizeof f->rising);
    memset(f->falling, 0, sizeof f->falling);
    int32_t bin = (int32_t)(1.5f + 125 / hertz_per_bin); // never DC
    float below = low;
    for (int32_t c = 0; c <= K_MICRO_CHANNELS; c++) {
        const float centre = low + spacing * (float)(c + 1);
        f->edges[c] = (uint16_t)bin;
        for (; mel((float)bin * hertz_per_bin) <= centre; bin++) {
            const float part = (centre - mel((float)bin * hertz_per_bin)) / (centre - below);
            // A bin at the lower centre counts wholly for the channel below.
            f->falling[bin] = (int16_t)floorf(part * 4096 + 0.5f);
            f->rising[bin] = (int16_t)floorf((1.0f - part) * 4096 + 0.5f);
        }
        below = centre;
    }
    f->edges[K_MICRO_CHANNELS + 1] = (uint16_t)bin;
}

// 2²¹·(x/2⁷ + 80)^−0.95
static int16_t gain_at(uint32_t x) {
    const float level = (float)x / 128;
    const double power = k_exp_f64((double)-0.95f * k_log_f64((double)(level + 80.0f)));
    const float gain = 0x1p21f * (float)power;
    return gain > 32767 ? 32767 : (int16_t)(gain + 0.5f);
}

static void fill_gain(int16_t *table) {
    // 0 and 1 are alone in their intervals: constants. The table is zero so far.
    table[0] = gain_at(0);
    table[4] = gain_at(1);
    for (int32_t bits = 2; bits <= 32; bits++) {
        const uint32_t start = 1u << (bits - 1), middle = start + start / 2;
        const uint32_t end = bits == 32 ? UINT32_MAX : 2 * start;
        const int32_t rise = gain_at(end) - gain_at(start), half = gain_at(middle) - gain_at(start);
        int16_t *parabola = table + 4 * bits;
        parabola[0] = gain_at(start);
        parabola[1] = (int16_t)(4 * half - rise);
        parabola[2] = (int16_t)(2 * rise - 4 * half);
    }
}

static void fill_segments(uint16_t *segments) {
    for (int32_t i = 0; i < K_MICRO_LOG_ENTRIES; i++) {
        const double f = i / 128.0, log2 = k_log_f64(1 + f) / k_log_f64(2);
        segments[i] = (uint16_t)floor((log2 - f) * 65536 + 0.5);
    }
}

// Eight twiddles from `first` on, `step` apart; after each `period` of them they repeat.
static void fill_turns(const k_micro_frontend *f, int32_t first, int32_t step, int32_t period, int16_t turns[6][8]) {
    for (int32_t j = 1; j <= 3; j++)
        for (int32_t lane = 0; lane < 8; lane++) {
            const k_complex_s16 turn = f->twiddles[j * (first + lane % period) * step];
            turns[2 * j - 2][lane] = turn.re;
            turns[2 * j - 1][lane] = turn.im;
        }
}

static void fill_lanes(k_micro_frontend *f) {
    k_micro_lanes *lanes = &f->lanes;
    fill_turns(f, 0, K_MICRO_POINTS / 16, 4, lanes->turns[0]);
    for (int32_t i = 0; i < 2; i++) fill_turns(f, 8 * i, K_MICRO_POINTS / 64, 8, lanes->turns[1 + i]);
    for (int32_t i = 0; i < 8; i++) fill_turns(f, 8 * i, 1, 8, lanes->turns[3 + i]);
    for (int32_t k = 0; k < K_MICRO_POINTS / 2; k++) {
        lanes->split[k / 8][0][k % 8] = f->split[k].re;
        lanes->split[k / 8][1][k % 8] = f->split[k].im;
    }
    int32_t group = 0;
    for (int32_t c = 0; c <= K_MICRO_CHANNELS; c++) {
        const int32_t first = f->edges[c], bins = f->edges[c + 1] - first;
        for (int32_t i = 0; i < bins; i++) {
            lanes->weights[group + i / 4][i % 4][0] = (uint32_t)f->falling[first + i];
            lanes->weights[group + i / 4][i % 4][1] = (uint32_t)f->rising[first + i];
        }
        lanes->groups[c] = (uint8_t)((bins + 3) / 4);
        group += lanes->groups[c];
    }
}

void k_micro_frontend_init(k_micro_frontend *f) {
    memset(f, 0, sizeof *f);
    fill_window(f->window);
    k_fft_s16_tables(K_MICRO_POINTS, f->twiddles, f->split, f->order);
    fill_filterbank(f);
    fill_gain(f->gain);
    fill_segments(f->segments);
    fill_lanes(f);
}

K_SMALL_END
