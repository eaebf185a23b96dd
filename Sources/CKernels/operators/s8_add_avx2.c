#if defined(__x86_64__)
#include <immintrin.h>

#include "k_elementwise.h"

#define K_AVX2 __attribute__((target("avx2,fma")))

/// Eight of (bias + a·a_multiplier + b·b_multiplier) >> shift.
K_AVX2 static inline __m256i sums(const k_binary *p, const int8_t *a, const int8_t *b) {
    const __m256i va = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)a));
    const __m256i vb = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)b));
    const __m256i sum = _mm256_add_epi32(_mm256_mullo_epi32(va, _mm256_set1_epi32(p->a_multiplier)),
                                         _mm256_mullo_epi32(vb, _mm256_set1_epi32(p->b_multiplier)));
    return _mm256_sra_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(p->bias)), _mm_cvtsi32_si128(p->shift));
}

/// Sixteen of them with the output's zero point, clamped; in the order 0…3, 8…11, 4…7, 12…15.
K_AVX2 static inline __m256i clamped(const k_binary *p, const int8_t *a, const int8_t *b) {
    __m256i words = _mm256_packs_epi32(sums(p, a, b), sums(p, a + 8, b + 8));
    words = _mm256_adds_epi16(words, _mm256_set1_epi16((int16_t)p->output_zero));
    words = _mm256_max_epi16(words, _mm256_set1_epi16((int16_t)p->output_min));
    return _mm256_min_epi16(words, _mm256_set1_epi16((int16_t)p->output_max));
}

/// Two dense operands of the same shape, 32 elements at a time; anything else is k_s8_add's.
K_AVX2 void k_s8_add_avx2(const void *block) {
    k_binary p = *(const k_binary *)block; // which no store can change, so constants stay in registers
    const int8_t *a = p.a, *b = p.b;
    int8_t *y = p.y;
    int32_t d = 0;
    while (d + 1 < p.rank && p.count[d] == 1) d++;
    if (d + 1 == p.rank && p.a_stride[d] == 1 && p.b_stride[d] == 1) {
        const int32_t whole = p.count[d] & ~31;
        for (int32_t i = 0; i < whole; i += 32) {
            const __m256i bytes = _mm256_packs_epi16(clamped(&p, a + i, b + i), clamped(&p, a + i + 16, b + i + 16));
            const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            _mm256_storeu_si256((__m256i *)(y + i), _mm256_permutevar8x32_epi32(bytes, order));
        }
        p.a = a + whole, p.b = b + whole, p.y = y + whole, p.count[d] -= whole;
    }
    k_s8_add(&p);
}
#endif
