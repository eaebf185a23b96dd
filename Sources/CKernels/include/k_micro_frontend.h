// The stages of the micro front-end, in the order in which a window of sound goes through them. All integer:
// the same bits on every ISA. The arithmetic is that of TensorFlow's microfrontend, because the
// networks that read these features were trained on exactly this.
#ifndef K_MICRO_FRONTEND_H
#define K_MICRO_FRONTEND_H

#include "k_fft.h"

/// out[i] = (in[i]·window[i]) >> 12, wrapped to 16 bits. Returns the shift that brings the loudest value up to
/// 15 bits: 15 − (bits of max|out|). As in the original, −32768 has no magnitude and doesn't count.
int32_t k_micro_window(const int16_t *in, const int16_t *window, int32_t count, int16_t *out);

/// values[i] <<= shift, wrapped to 16 bits.
void k_micro_scale(int16_t *values, int32_t count, int32_t shift);

/// Triangular filters over the bins of a spectrum. The bins from edges[c] up to edges[c + 1] lie between the
/// centres of channels c − 1 and c; each counts `rising` for channel c and `falling` for c − 1.
typedef struct {
    int32_t channels;
    const uint16_t *edges;  // [channels + 2], ascending
    const int16_t *rising;  // by bin, 12 fractional bits
    const int16_t *falling; // by bin, 12 fractional bits
} k_micro_filterbank;

/// out[c] = round(√Σ weight·|bin|²) >> shift, [channels].
void k_micro_filter(const k_micro_filterbank *bank, const k_complex_s16 *spectrum, int32_t shift, uint32_t *out);

/// Takes the noise out of each channel. With s = signal << 10 and 14 fractional bits in the factors:
///   estimate ← (s·smoothing + estimate·(1 − smoothing))
///   signal   ← max((s − min(estimate, s)) >> 10, signal·remaining)
/// `smoothing` is that of even channels and of odd ones.
void k_micro_reduce_noise(uint32_t *signal, uint32_t *estimate, int32_t channels, const uint32_t smoothing[2],
                          uint32_t remaining);

/// Per-channel amplitude normalisation (Wang et al., "Trainable frontend for robust and far-field keyword
/// spotting", 2016): signal ← shrink((signal·gain(estimate)) >> 6), shrink(x) ≈ x²/4 below 2, x − 1 above
/// (12 fractional bits in, 6 out). gain is read from `table`: k_micro_gain.
void k_micro_normalise(uint32_t *signal, const uint32_t *estimate, int32_t channels, const int16_t *table);

/// The entries of a gain table: for each bit length 0…32 a constant, a linear and a quadratic
/// coefficient and a hole.
enum { K_MICRO_GAIN_ENTRIES = 33 * 4 };

/// `gain` interpolated at x by a parabola over the interval of numbers with as many bits.
int16_t k_micro_gain(uint32_t x, const int16_t *table);

/// out[c] = ln(signal·8)·64, rounded and saturated at 65535; 0 where signal is 0. `segments` is the table
/// below.
void k_micro_log(const uint32_t *signal, int32_t channels, const uint16_t *segments, uint16_t *out);

/// Entries of the table of how far log₂(1 + f) lies above f, at f = 0, 1/128, … 1, times 65536.
enum { K_MICRO_LOG_ENTRIES = 129 };

enum { K_MICRO_WINDOW = 480, K_MICRO_POINTS = 256, K_MICRO_CHANNELS = 40 };

enum { K_MICRO_TURNS = 11, K_MICRO_GROUPS = 80 };

/// The tables once more, in the order in which eight lanes take them.
typedef struct {
    // Second, third and fourth pass, 1, 2 and 8 times eight lanes: real and imaginary parts of
    // the three twiddles of a butterfly.
    int16_t turns[K_MICRO_TURNS][6][8];
    int16_t split[K_MICRO_POINTS / 16][2][8];
    // Falling and rising weight of each bin. The bins between two centres fill whole groups of
    // four, with weights of 0 behind them.
    uint32_t weights[K_MICRO_GROUPS][4][2];
    uint8_t groups[K_MICRO_CHANNELS + 1]; // between the centres of channels c − 1 and c
} k_micro_lanes;

/// Everything a micro front-end of 16 kHz, 30 ms, 40 channels from 125 to 7500 Hz owns: tables, the noise
/// estimate, which alone lives from window to window, and room to work in.
typedef struct {
    int16_t window[K_MICRO_WINDOW];
    k_complex_s16 twiddles[K_MICRO_POINTS], split[K_MICRO_POINTS / 2];
    uint16_t order[K_MICRO_POINTS];
    uint16_t edges[K_MICRO_CHANNELS + 2];
    int16_t rising[K_MICRO_POINTS + 1], falling[K_MICRO_POINTS + 1];
    int16_t gain[K_MICRO_GAIN_ENTRIES];
    uint16_t segments[K_MICRO_LOG_ENTRIES];
    k_micro_lanes lanes;

    uint32_t estimate[K_MICRO_CHANNELS];

    int16_t samples[2 * K_MICRO_POINTS];
    k_complex_s16 scratch[K_MICRO_POINTS], spectrum[K_MICRO_POINTS + 1];
    uint32_t energy[K_MICRO_POINTS + 8]; // by bin, and what a last group may read too much
    uint32_t signal[K_MICRO_CHANNELS];
    uint16_t features[K_MICRO_CHANNELS];
} k_micro_frontend;

/// Fills the tables and forgets all noise.
void k_micro_frontend_init(k_micro_frontend *frontend);

/// Forgets all noise.
void k_micro_frontend_reset(k_micro_frontend *frontend);

/// One implementation of the whole front-end.
typedef struct {
    const char *name;  // micro_frontend_8_neon
    uint32_t requires; // K_CPU_* bits, all of them
    /// frontend->features of one window of K_MICRO_WINDOW samples.
    void (*run)(k_micro_frontend *frontend, const int16_t *samples);
} k_micro_frontend_variant;

// The table: entry 0 is the reference, the stages above one after another; the last entry whose
// `requires` the CPU has is the best.
extern const int32_t k_micro_frontend_variant_count;
const k_micro_frontend_variant *k_micro_frontend_variant_at(int32_t index);
const k_micro_frontend_variant *k_micro_frontend_best(uint32_t features);

/// Swift sees an array in a struct as a tuple: here is its address.
static inline const uint16_t *k_micro_frontend_features(const k_micro_frontend *frontend) {
    return frontend->features;
}

/// [40], likewise.
static inline uint32_t *k_micro_frontend_estimate(k_micro_frontend *frontend) { return frontend->estimate; }

#endif
