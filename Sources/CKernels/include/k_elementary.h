// Elementary functions out of nothing but IEEE 754 double +, −, ×, ÷ in a fixed order: the same bits
// on every ISA and with every C library, which libm doesn't promise.
#ifndef K_ELEMENTARY_H
#define K_ELEMENTARY_H

#include <stdint.h>

/// ln x for finite x > 0, within 2 units in the last place; −∞ for 0. x = m·2ᵉ with
/// √½ ≤ m < √2, ln m = 2·artanh((m − 1)/(m + 1)) by its Taylor series.
double k_log_f64(double x);

/// eˣ for |x| < 700, within 2 units in the last place: x = n·ln 2 + r, Taylor series of eʳ.
double k_exp_f64(double x);

/// cos(2π·turn/turns) and sin(2π·turn/turns) for 0 < turns < 2⁵⁰, folded into the first eighth of the circle
/// as integers, so that symmetric entries of a table are exactly symmetric.
double k_cos_turn_f64(int64_t turn, int64_t turns);
double k_sin_turn_f64(int64_t turn, int64_t turns);

#endif
