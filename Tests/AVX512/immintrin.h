// AVX-512 for machines that have none: the kernels' intrinsics in plain C, by SIMDe (libsimde-dev) and, what Debian 12's lacks, by hand.
// Stands before the compiler's own header in the path of includes (run.sh). Slow, and only for what the kernels use.
#ifndef KATYDID_EMULATED_IMMINTRIN_H
#define KATYDID_EMULATED_IMMINTRIN_H

#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <math.h>
#include <string.h>
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

// No function may use an instruction that is not there.
#define target(features) target("avx2,fma")

typedef uint8_t __mmask8;
typedef uint16_t __mmask16;
typedef float floats16 __attribute__((vector_size(64))), floats8 __attribute__((vector_size(32)));
typedef int32_t ints16 __attribute__((vector_size(64))), ints8 __attribute__((vector_size(32)));
typedef int8_t bytes64 __attribute__((vector_size(64))), bytes16 __attribute__((vector_size(16)));

#define EMULATED static inline __attribute__((always_inline, unused))

/// Loads and stores of the lanes whose bits are set; no other is touched.
#define MASKED_LOAD(NAME, RESULT, LANES, MASK, ELEMENT)                    \
    EMULATED RESULT NAME(MASK mask, const void *from) {                    \
        LANES v = {0};                                                     \
        for (size_t i = 0; i < sizeof v / sizeof(ELEMENT); i++)            \
            if (mask >> i & 1) memcpy((char *)&v + i * sizeof(ELEMENT), (const char *)from + i * sizeof(ELEMENT), sizeof(ELEMENT)); \
        return (RESULT)v;                                                  \
    }
#define MASKED_STORE(NAME, VALUE, MASK, ELEMENT)                           \
    EMULATED void NAME(void *to, MASK mask, VALUE v) {                     \
        for (size_t i = 0; i < sizeof v / sizeof(ELEMENT); i++)            \
            if (mask >> i & 1) memcpy((char *)to + i * sizeof(ELEMENT), (char *)&v + i * sizeof(ELEMENT), sizeof(ELEMENT)); \
    }
MASKED_LOAD(_mm512_maskz_loadu_ps, __m512, floats16, __mmask16, float)
MASKED_LOAD(_mm512_maskz_loadu_epi32, __m512i, ints16, __mmask16, int32_t)
MASKED_LOAD(_mm256_maskz_loadu_ps, __m256, floats8, __mmask8, float)
MASKED_LOAD(_mm256_maskz_loadu_epi32, __m256i, ints8, __mmask8, int32_t)
MASKED_STORE(_mm512_mask_storeu_ps, __m512, __mmask16, float)
MASKED_STORE(_mm256_mask_storeu_ps, __m256, __mmask8, float)
MASKED_STORE(_mm512_mask_storeu_epi8, __m512i, uint64_t, int8_t)
MASKED_STORE(_mm_mask_storeu_epi8, __m128i, __mmask16, int8_t)

/// To the nearest, half to even; the least integer for what none is.
EMULATED int32_t emulated_round(float x) {
    return x >= -0x1p31f && x < 0x1p31f ? (int32_t)rintf(x) : INT32_MIN;
}
/// Lane by lane.
#define CONVERSION(NAME, RESULT, RESULTS, VALUE, VALUES, COUNT, CONVERT)                        \
    EMULATED RESULT NAME(VALUE x) {                                                            \
        RESULTS v = {0};                                                                       \
        for (int i = 0; i < COUNT; i++) v[i] = CONVERT(((VALUES)x)[i]);                        \
        return (RESULT)v;                                                                      \
    }
CONVERSION(_mm512_cvtps_epi32, __m512i, ints16, __m512, floats16, 16, emulated_round)
CONVERSION(_mm512_cvtepi32_ps, __m512, floats16, __m512i, ints16, 16, (float))
CONVERSION(_mm512_cvtepi8_epi32, __m512i, ints16, __m128i, bytes16, 16, (int32_t))
CONVERSION(_mm512_cvtepu8_epi32, __m512i, ints16, __m128i, bytes16, 16, (uint8_t))
CONVERSION(_mm512_cvtepi32_epi8, __m128i, bytes16, __m512i, ints16, 16, (int8_t))
CONVERSION(_mm256_cvtepi32_epi8, __m128i, bytes16, __m256i, ints8, 8, (int8_t))

EMULATED int32_t _mm512_reduce_add_epi32(__m512i x) {
    uint32_t sum = 0;
    for (int i = 0; i < 16; i++) sum += (uint32_t)((ints16)x)[i];
    return (int32_t)sum;
}
/// Like minps and maxps, the second operand where one is no number.
EMULATED float _mm512_reduce_min_ps(__m512 x) {
    float least = x[0];
    for (int i = 1; i < 16; i++) least = x[i] < least ? x[i] : least;
    return least;
}
EMULATED float _mm512_reduce_max_ps(__m512 x) {
    float most = x[0];
    for (int i = 1; i < 16; i++) most = x[i] > most ? x[i] : most;
    return most;
}

EMULATED __m512 _mm512_shuffle_f32x4(__m512 a, __m512 b, int control) {
    floats16 v;
    for (int i = 0; i < 16; i++) {
        const int quarter = control >> (i / 4 * 2) & 3;
        v[i] = (i < 8 ? (floats16)a : (floats16)b)[quarter * 4 + i % 4];
    }
    return (__m512)v;
}
EMULATED __m512i _mm512_zextsi128_si512(__m128i x) {
    bytes64 v = {0};
    for (int i = 0; i < 16; i++) v[i] = ((bytes16)x)[i];
    return (__m512i)v;
}

// SIMDe rounds twice.
#undef _mm512_fmadd_ps
#undef _mm256_fmadd_ps
EMULATED __m512 _mm512_fmadd_ps(__m512 a, __m512 b, __m512 c) {
    for (int i = 0; i < 16; i++) c[i] = fmaf(a[i], b[i], c[i]);
    return c;
}
EMULATED __m256 _mm256_fmadd_ps(__m256 a, __m256 b, __m256 c) {
    for (int i = 0; i < 8; i++) c[i] = fmaf(a[i], b[i], c[i]);
    return c;
}
#endif
