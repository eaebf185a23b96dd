#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "k_elementwise.h"
#include "../small.h"

#define K_AVX2 __attribute__((target("avx2,fma")))

/// Eight of (bias + a·a_multiplier + b·b_multiplier) >> shift.
K_AVX2 static inline __m256i sums(const k_binary *p, const int8_t *a, const int8_t *b) {
    const __m256i va = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)a));
    const __m256i vb = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)b));
    const __m256i sum = _mm256_add_epi32(_mm256_mullo_epi32(va, _mm256_set1_epi32(p->a_multiplier)),
                                         _mm256_mullo_epi32(vb, _mm256_set1_epi32(p->b_multiplier)));
    return _mm256_sra_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(p->bias)), _mm_cvtsi32_si128(p->shift));
}

K_AVX2 static inline void add_16(const k_binary *p, const int8_t *a, const int8_t *b, int8_t *y) {
    // In the order 0…3, 8…11, 4…7, 12…15.
    __m256i words = _mm256_packs_epi32(sums(p, a, b), sums(p, a + 8, b + 8));
    words = _mm256_adds_epi16(_mm256_permute4x64_epi64(words, 0xd8), _mm256_set1_epi16((int16_t)p->output_zero));
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    bytes = _mm_min_epi8(_mm_max_epi8(bytes, _mm_set1_epi8((int8_t)p->output_min)), _mm_set1_epi8((int8_t)p->output_max));
    _mm_storeu_si128((__m128i *)y, bytes);
}

#define K_ADD k_s8_add_avx2
#define K_ADD_16 add_16
#define K_ADD_TARGET K_AVX2
#include "s8_add.h"
#endif
