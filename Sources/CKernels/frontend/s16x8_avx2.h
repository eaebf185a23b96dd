// Eight int16 in a register, with the roundings of the fixed-point transform: AVX2, of which 128 bits
// are enough to leave the rest of the front-end behind.
#ifndef S16X8_AVX2_H
#define S16X8_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#define LANES static inline __attribute__((always_inline, target("avx2,fma")))

typedef __m128i s16x8;

LANES s16x8 s16x8_zero(void) { return _mm_setzero_si128(); }
LANES s16x8 s16x8_load(const int16_t *from) { return _mm_loadu_si128((const __m128i *)from); }
LANES void s16x8_store(int16_t *to, s16x8 a) { _mm_storeu_si128((__m128i *)to, a); }
LANES s16x8 s16x8_add(s16x8 a, s16x8 b) { return _mm_add_epi16(a, b); }
LANES s16x8 s16x8_sub(s16x8 a, s16x8 b) { return _mm_sub_epi16(a, b); }
LANES s16x8 s16x8_max(s16x8 a, s16x8 b) { return _mm_max_epi16(a, b); }
LANES s16x8 s16x8_abs(s16x8 a) { return _mm_abs_epi16(a); } // −32768 stays
LANES s16x8 s16x8_shift_left(s16x8 a, int32_t by) { return _mm_sll_epi16(a, _mm_cvtsi32_si128(by)); }

LANES int16_t s16x8_largest(s16x8 a) {
    // The smallest of their distances from 32767, which are unsigned.
    return (int16_t)(0x7FFF - _mm_extract_epi16(_mm_minpos_epu16(_mm_sub_epi16(_mm_set1_epi16(0x7FFF), a)), 0));
}

/// (a·b) >> 12
LANES s16x8 s16x8_window(s16x8 a, s16x8 b) {
    return _mm_or_si128(_mm_slli_epi16(_mm_mulhi_epi16(a, b), 4), _mm_srli_epi16(_mm_mullo_epi16(a, b), 12));
}

/// (a·factor + 2¹⁴) >> 15; factor isn't −32768.
LANES s16x8 s16x8_scale(s16x8 a, int16_t factor) { return _mm_mulhrs_epi16(a, _mm_set1_epi16(factor)); }

/// (sum + 2¹⁴) >> 15, wrapped to 16 bits and sign-extended again.
LANES __m128i rounded_sum(__m128i pairs, __m128i factors) {
    const __m128i sum = _mm_add_epi32(_mm_madd_epi16(pairs, factors), _mm_set1_epi32(1 << 14));
    return _mm_srai_epi32(_mm_slli_epi32(sum, 1), 16);
}

/// (a + bi)·(c + di), each part (sum + 2¹⁴) >> 15, wrapped. d isn't −32768.
LANES void s16x8_multiply(s16x8 a, s16x8 b, s16x8 c, s16x8 d, s16x8 *re, s16x8 *im) {
    const __m128i low = _mm_unpacklo_epi16(a, b), high = _mm_unpackhi_epi16(a, b), minus = s16x8_sub(s16x8_zero(), d);
    *re = _mm_packs_epi32(rounded_sum(low, _mm_unpacklo_epi16(c, minus)), rounded_sum(high, _mm_unpackhi_epi16(c, minus)));
    *im = _mm_packs_epi32(rounded_sum(low, _mm_unpacklo_epi16(d, c)), rounded_sum(high, _mm_unpackhi_epi16(d, c)));
}

/// (a ± b) >> 1 without overflow. The instruction rounds means up, and takes its numbers for unsigned.
LANES s16x8 s16x8_half_sum(s16x8 a, s16x8 b) {
    const __m128i flip = _mm_set1_epi16(0x7FFF);
    return _mm_xor_si128(_mm_avg_epu16(_mm_xor_si128(a, flip), _mm_xor_si128(b, flip)), flip);
}

LANES s16x8 s16x8_half_difference(s16x8 a, s16x8 b) {
    const __m128i sign = _mm_set1_epi16(-0x8000);
    return _mm_xor_si128(_mm_avg_epu16(_mm_xor_si128(a, sign), _mm_xor_si128(b, _mm_set1_epi16(0x7FFF))), sign);
}

LANES s16x8 s16x8_reverse(s16x8 a) {
    return _mm_shuffle_epi8(a, _mm_setr_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1));
}

LANES void s16x8_load_pairs(const int16_t *from, s16x8 *first, s16x8 *second) {
    const __m128i apart = _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
    const __m128i low = _mm_shuffle_epi8(s16x8_load(from), apart), high = _mm_shuffle_epi8(s16x8_load(from + 8), apart);
    *first = _mm_unpacklo_epi64(low, high);
    *second = _mm_unpackhi_epi64(low, high);
}

/// a0 b0 c0 d0 a1 b1 …
LANES void s16x8_store_interleaved(int16_t *to, s16x8 a, s16x8 b, s16x8 c, s16x8 d) {
    const __m128i ab0 = _mm_unpacklo_epi16(a, b), ab4 = _mm_unpackhi_epi16(a, b);
    const __m128i cd0 = _mm_unpacklo_epi16(c, d), cd4 = _mm_unpackhi_epi16(c, d);
    s16x8_store(to, _mm_unpacklo_epi32(ab0, cd0));
    s16x8_store(to + 8, _mm_unpackhi_epi32(ab0, cd0));
    s16x8_store(to + 16, _mm_unpacklo_epi32(ab4, cd4));
    s16x8_store(to + 24, _mm_unpackhi_epi32(ab4, cd4));
}

/// The same with fours of elements instead of single ones.
LANES void s16x8_store_interleaved_halves(int16_t *to, s16x8 a, s16x8 b, s16x8 c, s16x8 d) {
    s16x8_store(to, _mm_unpacklo_epi64(a, b));
    s16x8_store(to + 8, _mm_unpacklo_epi64(c, d));
    s16x8_store(to + 16, _mm_unpackhi_epi64(a, b));
    s16x8_store(to + 24, _mm_unpackhi_epi64(c, d));
}

/// a² + b² of each, [8]
LANES void s16x8_store_energy(uint32_t *to, s16x8 a, s16x8 b) {
    const __m128i low = _mm_unpacklo_epi16(a, b), high = _mm_unpackhi_epi16(a, b);
    _mm_storeu_si128((__m128i *)to, _mm_madd_epi16(low, low));
    _mm_storeu_si128((__m128i *)(to + 4), _mm_madd_epi16(high, high));
}

#endif
