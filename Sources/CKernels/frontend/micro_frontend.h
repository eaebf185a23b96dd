// The variants of the micro front-end, and the factors that they share.
#ifndef MICRO_FRONTEND_H
#define MICRO_FRONTEND_H

#include "k_cpu.h"
#include "k_micro_frontend.h"

/// Noise reduction: 0.025, 0.06 and 0.05 with 14 fractional bits, truncated, not rounded.
enum { K_MICRO_SMOOTHING_EVEN = 409, K_MICRO_SMOOTHING_ODD = 983, K_MICRO_REMAINING = 819 };

void micro_frontend_reference(k_micro_frontend *f, const int16_t *samples);
void micro_frontend_8_neon(k_micro_frontend *f, const int16_t *samples);
void micro_frontend_8_avx2(k_micro_frontend *f, const int16_t *samples);

#endif
