// Binary operators with broadcasting. The innermost dimension runs in a loop without branches on the
// operator; the dimensions around it are walked by recursion.
#include <string.h>

#include "k_elementwise.h"
#include "../requantise.h"
#include "../small.h"

#define BINARY(NAME, TYPE, EXPRESSION)                                                                     \
    static void NAME##_walk(const k_binary *p, int32_t dimension, const TYPE *a, const TYPE *b, TYPE **y) { \
        if (dimension + 1 < p->rank) {                                                                     \
            for (int32_t i = 0; i < p->count[dimension]; i++)                                              \
                NAME##_walk(p, dimension + 1, a + i * p->a_stride[dimension], b + i * p->b_stride[dimension], y); \
            return;                                                                                        \
        }                                                                                                  \
        const ptrdiff_t a_step = p->a_stride[dimension], b_step = p->b_stride[dimension];                  \
        TYPE *out = *y;                                                                                    \
        for (int32_t i = 0; i < p->count[dimension]; i++, a += a_step, b += b_step) out[i] = (EXPRESSION);  \
        *y = out + p->count[dimension];                                                                    \
    }                                                                                                      \
    void NAME(const void *block) {                                                                         \
        const k_binary *p = block;                                                                         \
        TYPE *y = p->y;                                                                                    \
        NAME##_walk(p, 0, p->a, p->b, &y);                                                                 \
    }

static inline float clamp_f32(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

#if defined(__x86_64__)
#include <emmintrin.h>

/// Sixteen sums. A multiplier is high · 2¹² + low, each of which fits int16, as do a and b: pmaddwd
/// makes a·a_multiplier + b·b_multiplier of them, exactly.
static inline void s8_add_16(const k_binary *p, const int8_t *a, const int8_t *b, int8_t *y) {
    const __m128i low = _mm_set1_epi32((p->a_multiplier & 0xfff) | (int32_t)((uint32_t)(p->b_multiplier & 0xfff) << 16));
    const __m128i high =
        _mm_set1_epi32((p->a_multiplier >> 12 & 0xffff) | (int32_t)((uint32_t)(p->b_multiplier >> 12) << 16));
    const __m128i bias = _mm_set1_epi32(p->bias), shift = _mm_cvtsi32_si128(p->shift);
    const __m128i va = _mm_loadu_si128((const __m128i *)a), vb = _mm_loadu_si128((const __m128i *)b);
    const __m128i pairs[2] = {_mm_unpacklo_epi8(va, vb), _mm_unpackhi_epi8(va, vb)};
    __m128i sums[4];
    for (int i = 0; i < 4; i++) {
        __m128i bytes = pairs[i / 2];
        __m128i ab = _mm_srai_epi16(i % 2 ? _mm_unpackhi_epi8(bytes, bytes) : _mm_unpacklo_epi8(bytes, bytes), 8);
        __m128i sum = _mm_add_epi32(bias, _mm_slli_epi32(_mm_madd_epi16(ab, high), 12));
        sums[i] = _mm_sra_epi32(_mm_add_epi32(sum, _mm_madd_epi16(ab, low)), shift);
    }
    const __m128i zero = _mm_set1_epi16((int16_t)p->output_zero);
    const __m128i lowest = _mm_set1_epi16((int16_t)p->output_min), highest = _mm_set1_epi16((int16_t)p->output_max);
    __m128i words[2];
    for (int i = 0; i < 2; i++) {
        __m128i v = _mm_adds_epi16(_mm_packs_epi32(sums[2 * i], sums[2 * i + 1]), zero);
        words[i] = _mm_min_epi16(_mm_max_epi16(v, lowest), highest);
    }
    _mm_storeu_si128((__m128i *)y, _mm_packs_epi16(words[0], words[1]));
}
#elif defined(__aarch64__)
#include "s8_add_neon.h"
#else
static inline void s8_add_16(const k_binary *p, const int8_t *a, const int8_t *b, int8_t *y) {
    int8_t sums[16]; // y may be a or b
    for (int32_t l = 0; l < 16; l++) sums[l] = k_s8_add_one(p, a[l], b[l]);
    memcpy(y, sums, sizeof sums);
}
#endif

#define K_ADD k_s8_add
#if !defined(__aarch64__)
#define K_ADD_16 s8_add_16
#endif
#define K_ADD_TARGET
#include "s8_add.h"

static inline int8_t s8_mul(const k_binary *p, int32_t a, int32_t b, float low, float high) {
    return k_requantise((a - p->a_zero) * (b - p->b_zero), p->scale, low, high, p->output_zero);
}

typedef int8_t s8_8 __attribute__((vector_size(8)));
typedef int32_t s32_8 __attribute__((vector_size(32)));
typedef float f32_8 __attribute__((vector_size(32)));

/// Eight of them. k_requantise's rounding without lrintf, of which SSE2 has no vectors: 1.5 · 2²³ more, a float has
/// no digits after the point.
static inline void s8_mul_8(const k_binary *p, const int8_t *a, const int8_t *b, int8_t *y, float low, float high) {
    s8_8 va, vb;
    memcpy(&va, a, sizeof va);
    memcpy(&vb, b, sizeof vb);
    const s32_8 products =
        (__builtin_convertvector(va, s32_8) - p->a_zero) * (__builtin_convertvector(vb, s32_8) - p->b_zero);
    f32_8 v = __builtin_convertvector(products, f32_8) * p->scale;
    const f32_8 lows = (f32_8){0} + low, highs = (f32_8){0} + high;
    s32_8 inside = v > lows;
    v = (f32_8)(((s32_8)v & inside) | ((s32_8)lows & ~inside));
    inside = v < highs;
    v = (f32_8)(((s32_8)v & inside) | ((s32_8)highs & ~inside));
    const s8_8 bytes = __builtin_convertvector((s32_8)(v + 0x1.8p23f) - 0x4b400000 + p->output_zero, s8_8);
    memcpy(y, &bytes, sizeof bytes);
}

static void s8_mul_walk(const k_binary *p, int32_t dimension, const int8_t *a, const int8_t *b, int8_t **y) {
    int32_t count = p->count[dimension];
    const ptrdiff_t a_step = p->a_stride[dimension], b_step = p->b_stride[dimension];
    if (dimension + 1 < p->rank) {
        for (; count > 0; count--, a += a_step, b += b_step) s8_mul_walk(p, dimension + 1, a, b, y);
        return;
    }
    const float low = (float)(p->output_min - p->output_zero), high = (float)(p->output_max - p->output_zero);
    int8_t *out = *y;
    *y += count;
    if (a_step == 1 && b_step == 1)
        _Pragma("clang loop unroll(disable)")
        for (; count >= 8; count -= 8, a += 8, b += 8, out += 8) s8_mul_8(p, a, b, out, low, high);
    _Pragma("clang loop vectorize(disable) unroll(disable)")
    for (; count > 0; count--, a += a_step, b += b_step) *out++ = s8_mul(p, *a, *b, low, high);
}

void k_s8_mul(const void *block) {
    const k_binary p = *(const k_binary *)block; // which no store can change
    int8_t *y = p.y;
    s8_mul_walk(&p, 0, p.a, p.b, &y);
}

// Two dense runs go eight at a time, by way of a copy, for y may be a or b: so compilers make vectors of it.
#define BINARY_F32(NAME, OPERATOR)                                                                         \
    static void NAME##_run(const float *a, ptrdiff_t a_step, const float *b, ptrdiff_t b_step, float *y,   \
                           int32_t count, float low, float high) {                                         \
        if (a_step == 1 && b_step == 1)                                                                    \
            _Pragma("clang loop vectorize(disable) unroll(disable)")                                       \
            for (; count >= 8; count -= 8, a += 8, b += 8, y += 8) {                                       \
                float v[8];                                                                                \
                for (int32_t l = 0; l < 8; l++) v[l] = clamp_f32(a[l] OPERATOR b[l], low, high);           \
                memcpy(y, v, sizeof v);                                                                    \
            }                                                                                              \
        _Pragma("clang loop vectorize(disable) unroll(disable)")                                           \
        for (; count > 0; count--, a += a_step, b += b_step) *y++ = clamp_f32(*a OPERATOR *b, low, high);  \
    }                                                                                                      \
    static void NAME##_walk(const k_binary *p, int32_t dimension, const float *a, const float *b, float **y) { \
        const int32_t count = p->count[dimension];                                                         \
        const ptrdiff_t a_step = p->a_stride[dimension], b_step = p->b_stride[dimension];                  \
        if (dimension + 1 < p->rank) {                                                                     \
            for (int32_t i = 0; i < count; i++) NAME##_walk(p, dimension + 1, a + i * a_step, b + i * b_step, y); \
            return;                                                                                        \
        }                                                                                                  \
        NAME##_run(a, a_step, b, b_step, *y, count, p->float_min, p->float_max);                           \
        *y += count;                                                                                       \
    }                                                                                                      \
    void NAME(const void *block) {                                                                         \
        const k_binary *p = block;                                                                         \
        float *y = p->y;                                                                                   \
        NAME##_walk(p, 0, p->a, p->b, &y);                                                                 \
    }
BINARY_F32(k_f32_add, +)
BINARY_F32(k_f32_sub, -)
BINARY_F32(k_f32_mul, *)

K_SMALL_BEGIN
BINARY(k_s8_min, int8_t, *a < *b ? *a : *b)
BINARY(k_s8_max, int8_t, *a > *b ? *a : *b)
BINARY(k_f32_min, float, *a < *b ? *a : *b)
BINARY(k_f32_max, float, *a > *b ? *a : *b)
BINARY(k_s32_add, int32_t, (int32_t)((uint32_t)*a + (uint32_t)*b))
BINARY(k_s32_sub, int32_t, (int32_t)((uint32_t)*a - (uint32_t)*b))
BINARY(k_s32_mul, int32_t, (int32_t)((uint32_t)*a * (uint32_t)*b))
BINARY(k_s32_min, int32_t, *a < *b ? *a : *b)
BINARY(k_s32_max, int32_t, *a > *b ? *a : *b)
K_SMALL_END
