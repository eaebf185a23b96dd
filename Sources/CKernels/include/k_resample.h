// Conversion of sample rates by a polyphase windowed-sinc filter, and of channels to one.
#ifndef K_RESAMPLE_H
#define K_RESAMPLE_H

#include <stdint.h>

/// `from` samples become `to` samples; both are divided by their greatest common divisor. Row p of the table is
/// the filter for an output that lies p/phases of an input sample after the middle of its taps.
typedef struct {
    int32_t from, to;
    int32_t taps;        // a multiple of 8
    int32_t phases;      // = to: rows are exact; else neighbouring rows are mixed linearly
    const float *table;  // [phases + 1][taps]
} k_resampler;

/// Decides taps and phases. Sinc of cutoff 15/16 of the lower Nyquist frequency under a Kaiser window of 90 dB,
/// long enough to fall from pass to stop band between 7/8 and 8/8 of it (Kaiser, 1974).
void k_resampler_plan(k_resampler *resampler, int32_t from, int32_t to);

/// Fills the table, [phases + 1][taps]; each row sums up to 1.
void k_resampler_fill(const k_resampler *resampler, float *table);

/// Produces samples from history[*start…] until `available` or `room` run out; returns how many. *start is the
/// first tap of the next output and *phase where it lies, in 1/to of an input sample. Taps are summed
/// in eight lanes, lane i taking taps i, i + 8, …, and the lanes as a tree: one order on every ISA.
/// Rounds half to even, saturates.
int32_t k_resample(const k_resampler *resampler, const float *history, int32_t available, int32_t *start,
                   int32_t *phase, int16_t *out, int32_t room);

/// out[i] = in[i], exactly: what goes into a history.
void k_resample_widen(const int16_t *in, int32_t count, float *out);

/// out[i] = mean of the channels of frame i, rounded half up.
void k_mix_mean_s16(const int16_t *in, int32_t frames, int32_t channels, int16_t *out);

/// out[i] = channel `channel` of frame i.
void k_mix_pick_s16(const int16_t *in, int32_t frames, int32_t channels, int32_t channel, int16_t *out);

#endif
