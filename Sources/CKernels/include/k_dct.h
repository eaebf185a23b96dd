// The cosine transform behind MFCCs.
#ifndef K_DCT_H
#define K_DCT_H

#include <stdint.h>

/// table[k][i] = cos(π·k·(i + ½)/inputs)·√(2/inputs), [outputs][inputs]: a DCT-II of 2·Σ scaled by 1/√(2·inputs),
/// for k = 0 too (tf.signal.mfccs_from_log_mel_spectrograms).
void k_dct2_table(int32_t inputs, int32_t outputs, float *table);

/// out[k] = Σ in[i]·table[k][i], i ascending.
void k_dct2_f32(const float *in, const float *table, int32_t inputs, int32_t outputs, float *out);

#endif
