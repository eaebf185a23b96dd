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
    table[0] = gain_at(0);
    table[1] = gain_at(1);
    for (int32_t bits = 2; bits <= 32; bits++) {
        const uint32_t start = 1u << (bits - 1), middle = start + start / 2;
        const uint32_t end = bits == 32 ? UINT32_MAX : 2 * start;
        const int32_t rise = gain_at(end) - gain_at(start), half = gain_at(middle) - gain_at(start);
        int16_t *parabola = table + 4 * bits - 6;
        parabola[0] = gain_at(start);
        parabola[1] = (int16_t)(4 * half - rise);
        parabola[2] = (int16_t)(2 * rise - 4 * half);
        if (bits < 32) parabola[3] = 0;
    }
}

static void fill_segments(uint16_t *segments) {
    for (int32_t i = 0; i < K_MICRO_LOG_ENTRIES; i++) {
        const double f = i / 128.0, log2 = k_log_f64(1 + f) / k_log_f64(2);
        segments[i] = (uint16_t)floor((log2 - f) * 65536 + 0.5);
    }
}

void k_micro_frontend_init(k_micro_frontend *f) {
    memset(f, 0, sizeof *f);
    fill_window(f->window);
    k_fft_s16_tables(K_MICRO_POINTS, f->twiddles, f->split, f->order);
    fill_filterbank(f);
    fill_gain(f->gain);
    fill_segments(f->segments);
}

K_SMALL_END
